import { execFile } from "node:child_process";
import { z } from "zod";
import { repositoryRoot } from "../repository";
import { here, isAbandoned, parseLocks, renderLocks, type Here, type StackLock } from "./stack-lock";
import type { Finding } from "./diagnosis";
import type { EngineCommand } from "./stack";

const seconds = 60;

/** How a run of the engine ended. */
interface Ended {
  readonly ok: boolean;
  readonly output: string;
}

function run({ command, environment }: EngineCommand, words: readonly string[]): Promise<Ended> {
  const options = { cwd: repositoryRoot, env: environment, timeout: seconds * 1000 };
  return new Promise((resolve) => {
    execFile(command, [...words, "--non-interactive", "--color", "never"], options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout + stderr || (error?.message ?? "") });
    });
  });
}

/** What is known of a stack's lock. */
export type LockState =
  | { readonly kind: "free" }
  /** Left by a run of this machine that was killed. */
  | { readonly kind: "abandoned"; readonly locks: readonly StackLock[] }
  | { readonly kind: "held"; readonly locks: readonly StackLock[] }
  | { readonly kind: "unknown"; readonly why: string };

/** What the engine's refusal to give a stack its own name says: it takes the lock before it looks at the name. */
export function lockState({ output }: Pick<Ended, "output">, me: Here): LockState {
  const locks = parseLocks(output);
  if (locks.length > 0) return { kind: locks.every((lock) => isAbandoned(lock, me)) ? "abandoned" : "held", locks };
  return /already exists/.test(output) ? { kind: "free" } : { kind: "unknown", why: output.trim() };
}

const check = "the stack is not locked";

/** The state as a finding; `cleared` says whether an abandoned lock was taken away. */
export function renderLockState(state: LockState, stack: string, cleared: boolean): Finding {
  switch (state.kind) {
    case "free":
      return { check, ok: true, detail: "" };
    case "abandoned": {
      if (!cleared) return { check, ok: false, detail: renderLocks(state.locks, stack) };
      const left = state.locks.map(({ pid, since }) => `left by process ${pid} of this machine, killed after ${since}`);
      return { check, ok: true, detail: `${left.join(", ")}: cleared. Now: pulumi up --refresh --stack ${stack}` };
    }
    case "held":
      return { check, ok: false, detail: renderLocks(state.locks, stack) };
    case "unknown":
      return { check, ok: false, detail: `it cannot be seen: ${state.why}` };
  }
}

const backendSchema = z.object({ url: z.string() });

/** Pulumi Cloud keeps no lock of a run that died; what is not read as a URL is not it. */
const isManaged = ({ ok, output }: Ended): boolean =>
  ok && /^https?:/.test(backendSchema.parse(JSON.parse(output)).url);

/**
 * Looks whether the stack is locked, and clears a lock that a killed run of this machine left. For a moment it takes the
 * lock itself, as every look through the engine does. Never throws: what cannot be seen is a finding.
 */
export async function examineLock(engine: EngineCommand): Promise<Finding> {
  const { stack } = engine;
  const backend = await run(engine, ["whoami", "--json"]);
  if (!backend.ok) return renderLockState({ kind: "unknown", why: backend.output.trim() }, stack, false);
  if (isManaged(backend)) return { check, ok: true, detail: "Pulumi Cloud frees the lock of a run that died" };
  const state = lockState(await run(engine, ["stack", "rename", stack, "--stack", stack]), here());
  const cleared = state.kind === "abandoned" && (await run(engine, ["cancel", "--yes", "--stack", stack])).ok;
  return renderLockState(state, stack, cleared);
}
