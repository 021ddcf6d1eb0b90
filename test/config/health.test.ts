import { describe, expect, test } from "vitest";
import { gateOf, healthProblems, healthSchema } from "../../config/health";

const limits = { deadlineSeconds: 60, answerSeconds: 30, retries: 3, retrySeconds: 2, successes: 2 };

describe("gateOf", () => {
  const gate = (health: object, tag = "4f2c1e9") => gateOf(healthSchema.parse(health), tag);

  test("the default is the health status with its database and the commit: what an earlier version sent", () => {
    expect(gate({})).toEqual({ path: "/api/health", ...limits, criticalChecks: ["database"], version: "4f2c1e9" });
  });

  test("the style http accepts any body and compares no version", () => {
    expect(gate({ path: "/healthz", style: "http" })).toEqual({
      ...{ path: "/healthz", ...limits, criticalChecks: [], body: "any" },
    });
  });

  test("the version can be in a header", () => {
    expect(gate({ style: "http", version: "header", versionHeader: "X-Commit" })).toMatchObject({
      version: "4f2c1e9",
      versionHeader: "X-Commit",
    });
  });

  test.each([
    [{ version: "none" }, "4f2c1e9", undefined],
    [{ otherTags: "ignore" }, "v1.2.3", undefined],
    [{ otherTags: "ignore" }, "sha-4f2c1e9", "sha-4f2c1e9"],
    [{ otherTags: "whole" }, "v1.2.3", "v1.2.3"],
  ])("%j for the tag %s expects the version %s", (health, tag, version) => {
    expect(gate(health, tag).version).toBe(version);
  });
});

describe("healthProblems", () => {
  test.each([
    [{}, []],
    [{ style: "http" }, []],
    [{ style: "http", version: "header" }, []],
    [
      { style: "http", critical: ["database"], version: "body" },
      [
        "health.critical: the style http has no checks\n    try: pulumi config set --path 'health.style' status, or: pulumi config rm --path 'health.critical'",
        "health.version: the body of the style http has no version\n    try: pulumi config set --path 'health.version' header (or none)",
      ],
    ],
  ])("%j", (health, problems) => {
    expect(healthProblems(healthSchema.parse(health))).toEqual(problems);
  });
});
