import { describe, expect, test } from "vitest";
import { inUseByOutputs } from "../../../ops/retention/in-use";

describe("inUseByOutputs", () => {
  test("names the deployed image and the rollback target, by tag and by digest", () => {
    const outputs = {
      imageTag: "b",
      previousImageTag: "a",
      releases: [
        { tag: "b", digest: "sha256:2" },
        { tag: "a", digest: "sha256:1" },
        { tag: "z", digest: "sha256:0" },
      ],
    };
    expect(inUseByOutputs(outputs).map(({ reference }) => reference)).toEqual(["b", "a", "sha256:2", "sha256:1"]);
  });

  test("refuses outputs that do not name the deployed image", () => {
    expect(() => inUseByOutputs({})).toThrow("the outputs of the stack do not name the deployed image");
  });
});
