import { describe, expect, test } from "vitest";
import { readSource } from "../../ops/source";
import { isGood, renderStatus, siteCheck, sourceChecks, statusJson, type StatusSources } from "../../ops/status";
import { HostError } from "../../host/host-error";
import { hostState } from "../support/host-state";

const list = {
  backups: null,
  problem: "no route",
  lastRun: null,
  lastVerified: null,
  lastDrill: null,
  timers: { daily: true, watch: true, drill: true },
  changeInterrupted: false,
  setAside: [],
  now: "2026-11-02T04:30:00Z",
};
const good: StatusSources = {
  site: { ok: true, value: { serves: true, version: "4f2c1e9" } },
  releases: { ok: true, value: hostState({}) },
  backups: undefined,
};
const failure = { ok: false as const, cause: "connection lost", fix: "try again" };
const dead = { serves: false as const, cause: "nginx is failed", fix: "restart nginx" };

describe("renderStatus", () => {
  test("a dead nginx is shown, with its fix", () => {
    expect(renderStatus({ ...good, site: { ok: true, value: dead } })).toBe(
      "site           FAIL does not serve: nginx is failed. Fix: restart nginx\nactive tag     none\nbackups        not configured",
    );
  });

  test.each(["site", "releases", "backups"] as const)(
    "a failing source (%s) costs one line and stops no other",
    (name) => {
      const all = { ...good, backups: { ok: true as const, value: list } };
      const before = renderStatus(all).split("\n");
      const after = renderStatus({ ...all, [name]: failure }).split("\n");
      expect(after.filter((line) => line.includes("connection lost"))).toHaveLength(1);
      expect(before.filter((line) => after.includes(line)).length).toBeGreaterThanOrEqual(2);
    },
  );

  test("a bucket that does not answer is no empty bucket", () => {
    expect(renderStatus({ ...good, backups: { ok: true, value: list } })).toContain(
      "in the bucket  FAIL it does not answer: no route",
    );
  });
});

describe("statusJson", () => {
  test("has null for a source that failed, and its cause", () => {
    expect(statusJson({ ...good, releases: failure })).toEqual({
      imageTag: null,
      site: { serves: true, version: "4f2c1e9" },
      problems: ["connection lost"],
      backups: null,
    });
  });
});

describe("isGood", () => {
  test.each([
    ["all is good", good, true],
    ["the site does not serve", { ...good, site: { ok: true as const, value: dead } }, false],
    ["a source failed", { ...good, releases: failure }, false],
  ])("%s: %#", (_, sources, verdict) => {
    expect(isGood(sources)).toBe(verdict);
  });
});

describe("siteCheck and sourceChecks", () => {
  test("name the cause and the next command", () => {
    expect(siteCheck({ ok: true, value: dead })).toEqual({
      check: "the site serves",
      ok: false,
      detail: "nginx is failed",
      fix: "restart nginx",
    });
    expect(sourceChecks("the backups can be listed", failure, () => [])).toEqual([
      { check: "the backups can be listed", ok: false, detail: "connection lost", fix: "try again" },
    ]);
  });
});

describe("readSource", () => {
  test("takes cause and next step apart, each in one line", async () => {
    const error = new HostError({ operation: "list", target: "app", cause: "one\ntwo", hint: "look" });
    expect(await readSource(Promise.reject(error))).toEqual({ ok: false, cause: "list app: one; two", fix: "look" });
  });
});
