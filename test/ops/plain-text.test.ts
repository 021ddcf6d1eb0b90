import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainText } from "../../ops/plain-text";

describe("plainText", () => {
  test.each([
    ["a colour", "\x1b[1;31mred\x1b[0m", "red"],
    ["a cursor movement that hides a line", "real\x1b[2K\x1b[1Afake", "realfake"],
    ["a window title", "\x1b]0;owned\x07text", "text"],
    ["a link", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"],
    ["a write to the clipboard", "\x1b]52;c;cm0gLXJmIC8=\x07text", "text"],
    ["a device command", "\x1bP+q544e\x1b\\text", "text"],
    ["a reset of the terminal", "\x1bctext", "text"],
    ["a character set", "\x1b(0text", "text"],
    ["an 8-bit colour", "\x9b31mred\x9b0m", "red"],
    ["an 8-bit title", "\x9d0;owned\x9ctext", "text"],
    ["a sequence without its end", "\x1b]0;title", "0;title"],
    ["a backspace", "good\b\b\b\bevil", "goodevil"],
    ["a carriage return that overwrites the line", "real\rfake", "real fake"],
    ["a line end that forges a line", "one\r\ntwo\u2028three", "one two three"],
    ["a text that changes its direction", "\u202eevil\u202c", "evil"],
    ["a bell, a null character and a deletion", "a\x07b\x00c\x7f", "abc"],
  ])("removes %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test("keeps all other text, a tab included", () => {
    expect(plainText("\tGET /ü 200 [ok] 日本 🚀")).toBe("\tGET /ü 200 [ok] 日本 🚀");
  });

  test("no control character is left of any text", () => {
    const unit = fc.oneof(
      fc.constantFrom("\x1b", "[", "]", "P", "\x07", "\\", "\x9b", "m", "1", ";"),
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (parts) => {
        expect(plainText(parts.join(""))).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e]/);
      }),
      { numRuns: 2000 },
    );
  });
});
