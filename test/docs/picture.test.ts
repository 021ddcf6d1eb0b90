import { describe, expect, test } from "vitest";
import { renderPicture } from "../../docs/picture";
import { readRepositoryFile } from "../../repository";

const rowsOf = (picture: string): string[] =>
  [...picture.matchAll(/<text xml:space="preserve" x="20" y="(\d+)">(.*)<\/text>/g)].map(
    ([, y, text]) => `${y} ${text}`,
  );

describe("renderPicture", () => {
  test("has each line as text, with the mark in its colour", () => {
    expect(
      rowsOf(renderPicture("ops status", "app  https://app.test\n\nsite  ok    200 <fast>\n      FAIL  no answer\n")),
    ).toEqual([
      "61 app  https://app.test",
      "80 ",
      '99 site  <tspan class="ok">ok</tspan>    200 &lt;fast&gt;',
      '118       <tspan class="fail">FAIL</tspan>  no answer',
    ]);
  });

  test("continues a long line below its text", () => {
    const [first = "", second = ""] = rowsOf(renderPicture("x", `disk  ok    ${"free ".repeat(30)}`));
    expect(first.length).toBeLessThan(180);
    expect(second).toMatch(/^80 {13}free free/);
  });

  test("does not show who ran the command, and where", () => {
    expect(renderPicture("x", "release  ok    a1, by anna@host-7.example")).toContain("by you@laptop");
  });
});

test("the README's picture is a real output: a site, a release, and no address but loopback", () => {
  const picture = readRepositoryFile("docs", "status.svg");
  for (const topic of ["site", "release", "rollback", "container", "disk", "backups"])
    expect(picture).toContain(`>${topic} `);
  expect([...picture.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)].map(([address]) => address)).toEqual(["127.0.0.1"]);
  expect(readRepositoryFile("README.md")).toContain("](docs/status.svg)");
});
