import { describe, expect, test } from "vitest";
import { isCommit, isVersion } from "../../../host/rollout/version";

const full = "4f2c1e9a0b4f2c1e9a0b4f2c1e9a0b4f2c1e9a0b";

describe("isVersion", () => {
  test.each([
    ["4f2c1e9", "4f2c1e9a0b", true],
    [full, "4f2c1e9", true],
    [full, "sha-4f2c1e9", true],
    ["sha-4f2c1e9", full, true],
    ["4F2C1E9", "4f2c1e9", true],
    ["SHA-4f2c1e9", "4f2c1e9", true],
    ["4f2c1e", "4f2c1e9a0b", false],
    [full, "4f2c1e", false],
    ["4f2c1e8", full, false],
    ["v1.2.3", "V1.2.3", true],
    ["v1.2.3", "v1.2.30", false],
    ["release", "release-candidate", false],
    ["", "4f2c1e9", false],
    ["4f2c1e9", "", false],
    ["", "", false],
  ])("%j for %j: %s", (reported, expected, verdict) => {
    expect(isVersion(reported, expected)).toBe(verdict);
  });
});

describe("isCommit", () => {
  test.each([
    ["4f2c1e9", true],
    ["sha-4F2C1E9", true],
    [full, true],
    ["4f2c1e", false],
    ["v1.2.3", false],
    ["latest", false],
  ])("%s: %s", (tag, verdict) => {
    expect(isCommit(tag)).toBe(verdict);
  });
});
