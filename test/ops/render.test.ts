import { describe, expect, test } from "vitest";
import { renderSize } from "../../ops/render";

describe("renderSize", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [5 * 1024 ** 3, "5 GiB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(renderSize(bytes)).toBe(text);
  });
});
