import { describe, expect, test } from "vitest";
import { allDirectives, isTls, parseNginx, serverNames, serversOf, textOf } from "../../policy/nginx-text";

const directivesIn = (text: string): string[] => allDirectives(parseNginx(text)).map(textOf);

describe("parseNginx", () => {
  test.each([
    ["a block", "http { gzip on; }", ["http", "gzip on"]],
    ["a comment", "gzip on; # gzip off;", ["gzip on"]],
    ["quotes", "return 200 \"a; b {\" 'c';", ["return 200 a; b { c"]],
    ["a quoted name", '"gzip" "on";', ["gzip on"]],
    ["an escaped quote", 'return 200 "a\\"; b";', ['return 200 a\\"; b']],
    ["a variable with braces", "return 301 https://${host}/;", ["return 301 https://${host}/"]],
    ["a hash in a word", "rewrite ^/a#b /c;", ["rewrite ^/a#b /c"]],
    ["several lines", "log_format a 'b'\n  'c';", ["log_format a b c"]],
    ["a block in a block", "server { location / { root /a; } }", ["server", "location /", "root /a"]],
  ])("reads %s", (_, text, expected) => {
    expect(directivesIn(text)).toEqual(expected);
  });

  test("numbers the lines", () => {
    expect(parseNginx("# a\ngzip\n on;\n\nserver {\n}\n").map(({ line }) => line)).toEqual([2, 5]);
  });
});

describe("serversOf", () => {
  test("are the blocks, not the servers of an upstream", () => {
    const servers = serversOf(
      parseNginx("upstream a { server unix:/b; } server { listen 443 ssl; server_name c d; } server { listen 80; }"),
    );
    expect(servers.map((server) => [serverNames(server), isTls(server)])).toEqual([
      [["c", "d"], true],
      [[], false],
    ]);
  });
});
