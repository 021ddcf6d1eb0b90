import { describe, expect, test } from "vitest";
import { Lines } from "../../../../offline/plugins/command/lines";

describe("Lines", () => {
  test("gives out whole lines, whatever the pieces, and the rest at the end", () => {
    const lines: string[] = [];
    const cut = new Lines((line) => lines.push(line));
    for (const piece of ["a", "b\n\nc", "\nd"]) cut.add(piece);
    expect(lines).toEqual(["ab", "", "c"]);
    cut.end();
    expect(lines).toEqual(["ab", "", "c", "d"]);
  });
});
