import { describe, expect, test } from "vitest";
import {
  completed,
  deploymentId,
  deploymentSchema,
  isCommit,
  pendingDeployment,
} from "../../../host/rollout/deployment";
import { operator } from "../../../host/operator";
import { deployment } from "../../support/deployment";

describe("deploymentId", () => {
  test("is the instant, sortable", () => {
    expect(deploymentId(new Date("2026-01-02T03:04:05.678Z"))).toBe("deploy-20260102T030405678Z");
  });
});

describe("isCommit", () => {
  test.each([
    ["4f2c1e9", true],
    ["latest", false],
    ["4f2c1e", false],
  ])("%s: %s", (tag, verdict) => {
    expect(isCommit(tag)).toBe(verdict);
  });
});

describe("deploymentSchema", () => {
  test("reads the refusal of a record that an earlier version wrote as `withdrawn`", () => {
    const { tagRefused, ...earlier } = deployment({ status: "rolled_back" });
    expect(tagRefused).toBe(false);
    expect(deploymentSchema.parse({ ...earlier, withdrawn: true }).tagRefused).toBe(true);
    expect(deploymentSchema.parse({ ...earlier, withdrawn: false }).tagRefused).toBe(false);
    expect(deploymentSchema.parse(earlier).tagRefused).toBe(false);
  });
});

describe("pendingDeployment", () => {
  const at = new Date("2026-01-02T03:04:05.678Z");

  test("has not started yet, names this user, and names the commit when the tag is one", () => {
    const of = { imageTag: "4f2c1e9", digest: "sha256:1", release: "22" };
    expect(pendingDeployment(of, at)).toEqual({
      ...of,
      id: "deploy-20260102T030405678Z",
      commitSha: "4f2c1e9",
      status: "pending",
      startedAt: "2026-01-02T03:04:05.678Z",
      completedAt: "",
      healthCheckPassed: false,
      previousVersion: "",
      imageCreated: "",
      imageSize: 0,
      by: operator(),
      durationsMs: {},
      reason: "",
      tagRefused: false,
    });
    expect(pendingDeployment({ ...of, imageTag: "latest" }, at).commitSha).toBe("");
  });
});

describe("completed", () => {
  test("has a final status, a reason and an end", () => {
    const started = deployment({ status: "in_progress", completedAt: "" });
    expect(completed(started, "failed", "why", new Date(0))).toEqual({
      ...started,
      status: "failed",
      reason: "why",
      completedAt: "1970-01-01T00:00:00.000Z",
    });
  });
});
