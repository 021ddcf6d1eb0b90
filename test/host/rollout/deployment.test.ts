import { describe, expect, test } from "vitest";
import {
  begun,
  deploymentId,
  deploymentSchema,
  isCommit,
  servedImages,
  rolledBackTags,
  type Deployment,
} from "../../../host/rollout/deployment";
import { operator } from "../../../host/operator";
import { deployment } from "../../support/deployment";

const record = (imageTag: string, digest: string, status: Deployment["status"] = "success"): Deployment =>
  deployment({ imageTag, digest, status });

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

describe("begun", () => {
  test("is in progress, by this user, with the commit where the tag is one", () => {
    const of = { imageTag: "4f2c1e9", digest: "sha256:1", release: "22", previousVersion: "b", tagRefused: false };
    expect(begun(of, new Date("2026-01-02T03:04:05.678Z"))).toEqual({
      ...of,
      id: "deploy-20260102T030405678Z",
      commitSha: "4f2c1e9",
      status: "in_progress",
      startedAt: "2026-01-02T03:04:05.678Z",
      completedAt: "",
      healthCheckPassed: false,
      by: operator(),
      durationsMs: {},
      reason: "",
    });
    expect(begun({ ...of, imageTag: "latest" }, new Date()).commitSha).toBe("");
  });
});

describe("rolledBackTags", () => {
  const success = (imageTag: string) => deployment({ imageTag });
  const rolledBack = deployment({
    imageTag: "bad",
    status: "rolled_back",
    tagRefused: true,
    previousVersion: "a",
    by: "op@desk",
    reason: "broken",
  });

  test("a tag that served and was rolled back, whatever came after it", () => {
    const records = [success("a"), success("bad"), rolledBack, success("c"), record("bad", "1", "failed")];
    expect(rolledBackTags(records)).toEqual([
      { tag: "bad", serving: "a", by: "op@desk", at: "2026-01-02T03:04:08.500Z", reason: "broken" },
    ]);
  });

  test("not one that has succeeded since", () => {
    expect(rolledBackTags([success("bad"), rolledBack, success("bad")])).toEqual([]);
  });

  test("not one that never came to serve for good: it may be tried again", () => {
    expect(rolledBackTags([record("c", "1", "rolled_back")])).toEqual([]);
  });
});
