import { describe, expect, test } from "vitest";
import { installedVersion, isEngineVersion } from "../../engine/version";
import { readRepositoryFile } from "../../../repository";

describe("installedVersion", () => {
  test("is the version of the built engine", () => {
    const [, built] = /pulumi\/pkg\/v3 v(\S+)/.exec(readRepositoryFile("rehearsal/offline/engine/go.mod")) ?? [];
    expect(built).toBe(installedVersion("@pulumi/pulumi"));
  });
});

describe("isEngineVersion", () => {
  test.each([
    ["3.250.0", true],
    ["v3.250.0", true],
    ["3.250.1\n", true],
    ["3.251.0", true],
    ["3.249.9", false],
    ["4.0.0", false],
    ["2.300.0", false],
    ["3.251.0-dev", false],
    ["", false],
  ])("takes %j: %s", (found, fits) => {
    expect(isEngineVersion("3.250.0", found)).toBe(fits);
  });
});
