// Stands in for the `pulumi` on PATH in unit tests. Checked against the real engine by test/integration/engine.test.ts.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program `pulumi` that logs its arguments and runs a shell command as the answer to each command. */
export class FakeEngine {
  private readonly folder = mkdtempSync(join(tmpdir(), "fake-engine-"));
  private readonly log = join(this.folder, "calls");
  private readonly path = process.env["PATH"];

  /** @param answers shell command by the first word of a command. Other commands print nothing and succeed. */
  constructor(answers: Readonly<Record<string, string>> = {}) {
    const cases = Object.entries({ version: "echo v3.250.0", ...answers }).map(
      ([word, shell]) => `${word}) ${shell} ;;`,
    );
    const program = join(this.folder, "pulumi");
    const script = ["#!/bin/bash", `printf '%s\\n' "$*" >>'${this.log}'`, "case $1 in", ...cases, "esac", ""];
    writeFileSync(program, script.join("\n"));
    chmodSync(program, 0o755);
    process.env["PATH"] = `${this.folder}:${this.path ?? ""}`;
  }

  /** The command lines, in order, without `pulumi version`. */
  get calls(): string[] {
    if (!existsSync(this.log)) return [];
    const lines = readFileSync(this.log, "utf8").trim().split("\n");
    return lines.filter((line) => line !== "version" && line !== "");
  }

  remove(): void {
    if (this.path === undefined) delete process.env["PATH"];
    else process.env["PATH"] = this.path;
    // A call that nobody waits for may still write its line.
    rmSync(this.folder, { recursive: true, maxRetries: 5 });
  }
}
