import { describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../repository";

/** The rows of the table, each with its cells. */
const rows = readRepositoryFile("docs", "security.md")
  .split("\n## ")[1]
  ?.split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const [header = [], , ...claims] = rows ?? [];
const cells = claims.flatMap(([who = "", ...answers]) =>
  answers.map((answer, index) => [who, header[index + 1] ?? "", answer] as const),
);

/** A test of this repository, or another page. `test/docs/paths.test.ts` checks that each named test exists. */
const proof = /`test\/[\w./-]+`|\]\(\S+\.md\)/;

describe("the table of docs/security.md", () => {
  test("asks four questions about each who", () => {
    expect(header.slice(1)).toHaveLength(4);
    expect(claims.length).toBeGreaterThan(9);
    for (const claim of claims) expect(claim, claim[0]).toHaveLength(5);
  });

  test.each(cells.filter(([, , answer]) => !answer.startsWith("yes")))(
    "%s: %s: %s names a proof",
    (_who, _what, answer) => {
      expect(answer).toMatch(proof);
    },
  );
});
