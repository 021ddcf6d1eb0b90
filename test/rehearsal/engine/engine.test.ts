import { describe, expect, test } from "vitest";
import { buildArguments, buildFailure } from "../../../rehearsal/engine/engine";

describe("buildArguments", () => {
  test("tells the binary its version", () => {
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

  test("quotes the compiler's last lines", () => {
    const error = Object.assign(new Error("Command failed"), { stderr: "1\n2\n3\n4\n5\n6\n" });
    expect(buildFailure("3.250.0", error)).toBe(
      `The Pulumi engine could not be built from rehearsal/engine/go.mod: 2\n3\n4\n5\n6\n${advice}`,
    );
  });

  test("says that there is no Go", () => {
    expect(buildFailure("3.250.0", new Error("spawn go ENOENT"))).toBe(
      `The Pulumi engine could not be built from rehearsal/engine/go.mod: Error: spawn go ENOENT\n${advice}`,
    );
  });
});
