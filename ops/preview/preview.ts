import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { repositoryRoot } from "../../repository";
import { explainStart, policyPack } from "../engine";
import { changeOf, changeSentence } from "../plain-change";

/** The sentence about the change, from the engine's log of events: one JSON object a line. */
function sentenceIn(log: string): string {
  const events = log.split("\n").filter(Boolean);
  return changeSentence(events.flatMap((line) => changeOf(JSON.parse(line) as EngineEvent) ?? []));
}

/** The engine in the terminal of this process, with its exit code. The log of events is an option for debugging. */
function runEngine(words: readonly string[], log: string): Promise<number> {
  const args = ["preview", "--policy-pack", policyPack, "--event-log", log, ...words];
  const env = { ...process.env, PULUMI_DEBUG_COMMANDS: "true" };
  const child = spawn("pulumi", args, { cwd: repositoryRoot, env, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      reject(new Error(explainStart(error)));
    });
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
}

const isJson = (words: readonly string[]): boolean => words.some((word) => /^(--json(=true)?|-[a-z]*j)$/.test(word));

/**
 * `pulumi preview` under the policy pack, with the engine's own options. After a preview that succeeds it says the change
 * in one plain sentence, except beside JSON. Returns the exit code of the engine.
 */
export async function preview(words: readonly string[], say: (line: string) => void): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "preview-"));
  try {
    const log = join(folder, "events");
    const code = await runEngine(words, log);
    if (code === 0 && !isJson(words)) say(sentenceIn(readFileSync(log, "utf8")));
    return code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
