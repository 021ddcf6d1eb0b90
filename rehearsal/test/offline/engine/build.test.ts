import { describe, expect, test } from "vitest";
import { buildArguments, buildFailure } from "../../../offline/engine/build";

describe("buildArguments", () => {
  test("sets the version of the binary", () => {
    expect(buildArguments("3.250.0", "/cache/pulumi")).toEqual([
      "build",
      "-ldflags",
      "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.250.0",
      "-o",
      "/cache/pulumi",
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ]);
  });
});

describe("buildFailure", () => {
  const advice = "Install Go 1.26 or later, or put pulumi 3.250.0 or a later 3.x on PATH, and try again.";

  test("quotes the command and its last lines, and names an alternative", () => {
    expect(buildFailure("3.250.0", new Error("go build: failed\nno such module"))).toBe(
      `The Pulumi engine could not be built from rehearsal/offline/engine/go.mod: Error: go build: failed\nno such module\n${advice}`,
    );
  });
});
