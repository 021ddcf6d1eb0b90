import { describe, expect, test } from "vitest";
import { renderRolledBack, renderWayBack, renderWayTo, wayBack, wayTo } from "../../ops/rollback";
import { deployment } from "../support/deployment";
import { container, hostState } from "../support/host-state";

describe("wayBack", () => {
  test("names both tags", () => {
    const containers = [container("11", "aaaaaaa", true), container("22", "bbbbbbb", true)];
    expect(wayBack(hostState({ active: "22", previous: "11", containers }))).toEqual({
      serving: "bbbbbbb",
      before: "aaaaaaa",
    });
  });

  test("a first deployment has none", () => {
    expect(wayBack(hostState({ active: "11", containers: [container("11", "aaaaaaa", true)] }))).toEqual({
      serving: "aaaaaaa",
      before: "",
    });
  });
});

describe("renderWayBack", () => {
  test("gives the usual command and the one for an emergency", () => {
    expect(renderWayBack({ serving: "bbbbbbb", before: "aaaaaaa" }, "prod")).toBe(
      [
        "the site runs bbbbbbb; the previous release is aaaaaaa. To roll back, with today's configuration:",
        "  pulumi up --stack prod -c imageTag=aaaaaaa",
        "in an emergency, with the host alone, to the release as it was:",
        "  npm run ops -- rollback --now --stack prod",
      ].join("\n"),
    );
  });

  test("says when the server has no previous release", () => {
    expect(renderWayBack({ serving: "aaaaaaa", before: "" }, "prod")).toBe(
      "the site runs aaaaaaa, and the server has no previous release",
    );
  });
});

describe("wayTo", () => {
  const containers = [container("22", "bbbbbbb", false), container("33", "ccccccc", true)];
  const records = [
    deployment({ imageTag: "aaaaaaa" }),
    deployment({ imageTag: "bbbbbbb" }),
    deployment({ imageTag: "ddddddd", status: "rolled_back", tagRefused: true }),
    deployment({ imageTag: "eeeeeee", status: "failed" }),
    deployment({ imageTag: "ccccccc" }),
  ];
  const state = hostState({ active: "33", previous: "22", containers, records });

  test("the tag of the previous release: the engine and the server alone", () => {
    expect(renderWayTo(wayTo(state, "bbbbbbb"), "prod")).toBe(
      [
        "the site runs ccccccc. To roll back to bbbbbbb, with today's configuration:",
        "  pulumi up --stack prod -c imageTag=bbbbbbb",
        "in an emergency, with the host alone, to the release as it was:",
        "  npm run ops -- rollback --now --to bbbbbbb --stack prod",
      ].join("\n"),
    );
  });

  test("an older tag: the engine only", () => {
    expect(wayTo(state, "aaaaaaa")).toEqual({ serving: "ccccccc", tag: "aaaaaaa", now: false, isRefused: false });
    expect(renderWayTo(wayTo(state, "aaaaaaa"), "prod")).toContain("has not kept its release, so only the engine can");
  });

  test("a tag that was rolled back: with force", () => {
    expect(renderWayTo(wayTo(state, "ddddddd"), "prod")).toContain(
      "pulumi up --stack prod -c imageTag=ddddddd -c force=ddddddd\nddddddd was rolled back itself",
    );
  });

  test.each([
    ["ccccccc", "ccccccc serves already\n  next: ops status"],
    ["eeeeeee", "eeeeeee has not served on this server; bbbbbbb, aaaaaaa have\n  next: ops rollback --to bbbbbbb"],
    ["fffffff", "fffffff has not served on this server; bbbbbbb, aaaaaaa have\n  next: ops rollback --to bbbbbbb"],
  ])("%s is refused", (tag, message) => {
    expect(() => wayTo(state, tag)).toThrow(message);
  });

  test("a server with one deployment has no other tag", () => {
    const first = hostState({
      active: "33",
      containers: [container("33", "ccccccc", true)],
      records: [deployment({ imageTag: "ccccccc" })],
    });
    expect(() => wayTo(first, "aaaaaaa")).toThrow("no other tag than ccccccc served\n  next: ops history");
  });

  test("after a rollback the same tag can be asked for again", () => {
    const back = [
      deployment({ imageTag: "bbbbbbb" }),
      deployment({ imageTag: "ccccccc", status: "rolled_back", release: "33", tagRefused: true }),
    ];
    const rolledBack = hostState({
      active: "22",
      previous: "33",
      containers,
      records: back,
    });
    expect(wayTo(rolledBack, "bbbbbbb")).toMatchObject({ serving: "bbbbbbb", tag: "bbbbbbb", now: true });
  });
});

describe("renderRolledBack", () => {
  test("says what serves, and what the next up does", () => {
    expect(renderRolledBack({ serving: "aaaaaaa", release: "11", rolledBack: "bbbbbbb" })).toBe(
      "the site runs aaaaaaa again (release 11); bbbbbbb is stopped\n" +
        "pulumi up keeps aaaaaaa and takes it over; bbbbbbb is refused until it is asked for by force",
    );
  });

  test("where the tag is the same, names the configuration", () => {
    expect(renderRolledBack({ serving: "aaaaaaa", release: "11", rolledBack: "aaaaaaa" })).toBe(
      "the site runs aaaaaaa again (release 11), as it was configured then\n" +
        "fix the configuration before the next pulumi up: it deploys aaaaaaa with today's",
    );
  });
});
