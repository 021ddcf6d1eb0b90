import { describe, expect, test } from "vitest";
import { parseContainerState } from "../../world/docker";

describe("parseContainerState", () => {
  test.each([
    ["", "missing"],
    ["created|world", "stopped"],
    ["exited|world", "stopped"],
    ["running|", "cut off"],
    ["running|world", "running"],
  ])("%j is %s", (line, state) => {
    expect(parseContainerState(line)).toBe(state);
  });
});
