import { describe, expect, test } from "vitest";
import { deploymentId, isCommit, servedImages, type Deployment } from "../../../provider/rollout/deployment";

const record = (imageTag: string, digest: string, status: Deployment["status"] = "success"): Deployment => ({
  id: "deploy-1",
  commitSha: "",
  imageTag,
  status,
  startedAt: "",
  completedAt: "",
  healthCheckPassed: true,
  previousVersion: "",
  release: "11",
  digest,
  by: "me@here",
  durationsMs: {},
  reason: "",
});

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

describe("servedImages", () => {
  test("newest first, each tag once with its newest digest, failures left out", () => {
    const records = [record("a", "1"), record("b", "2"), record("bad", "3", "failed"), record("a", "4")];
    expect(servedImages(records)).toEqual([
      { tag: "a", digest: "4" },
      { tag: "b", digest: "2" },
    ]);
  });

  test("five at the most", () => {
    const records = ["a", "b", "c", "d", "e", "f"].map((tag) => record(tag, tag));
    expect(servedImages(records).map(({ tag }) => tag)).toEqual(["f", "e", "d", "c", "b"]);
  });
});
