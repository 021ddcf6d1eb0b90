import { describe, expect, test } from "vitest";
import { inUseByOutputs } from "../../../ops/retention/in-use";

describe("inUseByOutputs", () => {
  test("names what is deployed and what was before, by tag and digest", () => {
    const outputs = {
      imageTag: "b",
      previousImageTag: "a",
      releases: [
        { tag: "b", digest: "sha256:2" },
        { tag: "a", digest: "sha256:1" },
        { tag: "z", digest: "sha256:0" },
      ],
    };
    expect(inUseByOutputs(JSON.stringify(outputs)).map(({ reference }) => reference)).toEqual([
      "b",
      "a",
      "sha256:2",
      "sha256:1",
    ]);
  });

  test("refuses outputs that do not say what is deployed", () => {
    expect(() => inUseByOutputs("{}")).toThrow("the stack's outputs do not say what is deployed");
  });
});
