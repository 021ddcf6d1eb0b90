import type { Stack } from "@pulumi/pulumi/automation";
import type { CheckResult } from "./check";
import { failureOf, openStack, type StackSelection } from "./engine";
import {
  clearCommand,
  isAbandoned,
  parseLocks,
  renderHolders,
  thisMachine,
  type Machine,
  type StackLock,
} from "./stack-lock";

const answerSeconds = 60;

/** The state of a stack's lock. */
export type LockState =
  | { readonly kind: "free" }
  /** A run on this machine took it and was killed. */
  | { readonly kind: "abandoned"; readonly locks: readonly StackLock[] }
  | { readonly kind: "held"; readonly locks: readonly StackLock[] }
  | { readonly kind: "unknown"; readonly cause: string };

/** The state, from the engine's refusal to rename a stack to its own name. It takes the lock before it checks the name. */
export function lockState(output: string, machine: Machine): LockState {
  const locks = parseLocks(output);
  if (locks.length > 0)
    return { kind: locks.every((lock) => isAbandoned(lock, machine)) ? "abandoned" : "held", locks };
  return /already exists/.test(output) ? { kind: "free" } : { kind: "unknown", cause: output.trim() };
}

const check = "the stack is not locked";

/** The state as the result of a check; `isCleared` says whether an abandoned lock was removed. */
export function lockCheck(state: LockState, stack: string, isCleared: boolean): CheckResult {
  switch (state.kind) {
    case "free":
      return { check, ok: true, detail: "" };
    case "abandoned": {
      if (!isCleared) return heldCheck(state.locks, stack);
      const holders = state.locks.map(
        ({ pid, since }) => `process ${pid} of this machine, which was killed after ${since}`,
      );
      const detail = `the lock of ${holders.join(", ")} is cleared. Next: pulumi up --refresh --stack ${stack}`;
      return { check, ok: true, detail };
    }
    case "held":
      return heldCheck(state.locks, stack);
    case "unknown":
      return {
        check,
        ok: false,
        detail: `the engine does not say: ${state.cause}`,
        fix: `check that this works: pulumi stack --stack ${stack}`,
      };
  }
}

const heldCheck = (locks: readonly StackLock[], stack: string): CheckResult => ({
  check,
  ok: false,
  detail: renderHolders(locks),
  fix: `if that run has ended or was killed, clear the lock: ${clearCommand(stack)}`,
});

/** Pulumi Cloud keeps no lock of a run that died. */
async function isManaged(stack: Stack): Promise<boolean> {
  const { url } = await stack.workspace.whoAmI();
  return /^https?:/.test(url ?? "");
}

async function probe(stack: Stack): Promise<string> {
  try {
    await stack.rename({ stackName: stack.name, signal: AbortSignal.timeout(answerSeconds * 1000) });
    return "";
  } catch (error) {
    return failureOf(error).output;
  }
}

const clear = (stack: Stack): Promise<boolean> =>
  stack.cancel().then(
    () => true,
    () => false,
  );

async function examine(selection: StackSelection): Promise<CheckResult> {
  const stack = await openStack(selection);
  if (await isManaged(stack)) return { check, ok: true, detail: "Pulumi Cloud frees the lock of a run that died" };
  const state = lockState(await probe(stack), thisMachine());
  return lockCheck(state, stack.name, state.kind === "abandoned" && (await clear(stack)));
}

/**
 * Checks whether the stack is locked, and clears the lock of a run on this machine that was killed. For a moment it takes
 * the lock itself, as each command of the engine does. It never throws: an engine that does not answer is a result, too.
 */
export const examineLock = (selection: StackSelection): Promise<CheckResult> =>
  examine(selection).catch((error: unknown) =>
    lockCheck({ kind: "unknown", cause: failureOf(error).output.trim() }, selection.stack, false),
  );
