import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../repository";

const compiled = join(repositoryRoot, "dist/ops/main.js");

const ops = (...words: string[]): number | null => spawnSync(process.execPath, [compiled, ...words]).status;

describe.runIf(existsSync(compiled))("the exit code of ops", () => {
  test.each([
    ["help", ["--help"], 0],
    ["an unknown command", ["nope"], 2],
    ["an unknown option", ["status", "--nope"], 2],
    ["a wrong value", ["logs", "--lines", "many"], 2],
    ["a missing argument", ["restore", "latest"], 2],
    ["a stack file that does not exist", ["status", "--config-file", "/nowhere"], 2],
    ["an option that `pipeline init` does not have", ["pipeline", "init", "--nope"], 2],
  ])("%s", (_, words, code) => {
    expect(ops(...words)).toBe(code);
  });
});
