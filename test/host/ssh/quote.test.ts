import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandLine, quote } from "../../../host/ssh/quote";

describe("quote", () => {
  test("a quote inside ends, escapes and opens again", () => {
    expect(quote("it's")).toBe(`'it'\\''s'`);
  });

  test("a real shell reads every word back unchanged", () => {
    const words = fc.array(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(words, (given) => {
        const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${commandLine(given)}`], { encoding: "utf8" });
        expect(printed.split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });
});
