import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../repository";

/** Runs the check on a file with this text. */
function check(text: string, name = "page.md"): { code: number | null; output: string } {
  const file = join(mkdtempSync(join(tmpdir(), "words-")), name);
  writeFileSync(file, text);
  const { status, stdout } = spawnSync(process.execPath, [join(repositoryRoot, ".ci", "words.mjs"), file]);
  return { code: status, output: stdout.toString() };
}

describe("lint:words", () => {
  test.each([
    ["a phrase", "The tag was taken back.\n"],
    ["a phrase across two lines of a comment", "/**\n * The tag was taken\n * back.\n */\n"],
    ["another case of the letters", "In Clear\n"],
    ["a sentence that begins with What", "/** What the server has. */\n"],
    ["a sentence that begins with Of the", "It is new. Of the two, one stays.\n"],
    ["the release before", "The release before serves.\n"],
  ])("refuses %s and says how to write it", (_, text) => {
    const { code, output } = check(text);
    expect(output).toMatch(/page\.md:\d+: ".+": write .+/);
    expect(code).toBe(1);
  });

  test.each([
    ["plain English", "The rollout reverted the tag.\n"],
    ["a question", "# What is a release?\n"],
    ["a word that only contains a phrase", "We recommend an amendment.\n"],
    ["`before` as a conjunction", "Drain the previous release before it stops.\n"],
  ])("accepts %s", (_, text) => {
    expect(check(text)).toEqual({ code: 0, output: "" });
  });

  test("checks a script without an ending", () => {
    expect(check("#!/bin/sh\n# the lock is in clear\n", "activate").code).toBe(1);
  });
});
