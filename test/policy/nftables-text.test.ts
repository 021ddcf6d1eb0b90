import { describe, expect, test } from "vitest";
import { parseNftables } from "../../policy/nftables-text";

const statementsIn = (text: string): string[] =>
  parseNftables(text).map(({ blocks, text: statement }) => [...blocks, statement].join(" > "));

describe("parseNftables", () => {
  test("gives each statement its blocks", () => {
    const text = `
table inet vps
delete table inet vps
table inet vps {
    chain input {
        type filter hook input priority filter; policy drop;
        tcp dport { 22, 80 } accept comment "open; for all"
    }
    set ports { type inet_service; elements = { 22, 80 }; }
}
`;
    expect(statementsIn(text)).toEqual([
      "table inet vps",
      "delete table inet vps",
      "table inet vps",
      "table inet vps > chain input",
      "table inet vps > chain input > type filter hook input priority filter",
      "table inet vps > chain input > policy drop",
      'table inet vps > chain input > tcp dport { 22 , 80 } accept comment "open; for all"',
      "table inet vps > set ports",
      "table inet vps > set ports > type inet_service",
      "table inet vps > set ports > elements = { 22 , 80 }",
    ]);
  });

  test.each([
    ["a comment", "accept # flush ruleset", ["accept"]],
    ["a continued line", "ct state \\\n  new accept", ["ct state new accept"]],
    ["a set on several lines", "tcp dport {\n  22,\n  80\n} accept", ["tcp dport { 22 , 80 } accept"]],
    ["statements on one line", "table inet a; flush ruleset", ["table inet a", "flush ruleset"]],
    ["a map", "tcp dport vmap { 22 : accept }", ["tcp dport vmap { 22 : accept }"]],
    [
      "a table on one line",
      "table ip a { chain b { accept; }; }",
      ["table ip a", "table ip a > chain b", "table ip a > chain b > accept"],
    ],
    [
      "an added table with a block",
      "add table ip a { chain b { drop; } }",
      ["add table ip a", "add table ip a > chain b", "add table ip a > chain b > drop"],
    ],
  ])("reads %s", (_, text, expected) => {
    expect(statementsIn(text)).toEqual(expected);
  });

  test("numbers the lines", () => {
    expect(parseNftables("# a\n\naccept\ndrop\n").map(({ line }) => line)).toEqual([3, 4]);
  });
});
