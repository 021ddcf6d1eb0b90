import { openStack, policyPack, runEngine, type EngineRun, type RunOptions } from "../engine";
import { isAbandoned, parseLocks, renderLocks, thisMachine } from "../stack-lock";
import { jobRedactor } from "./secrets";

/** Runs `pulumi up`. It clears the lock of an earlier deploy job that was killed, and tries once more. */
export async function up(name: string, imageTag: string): Promise<EngineRun> {
  const stack = await openStack({ stack: name, imageTag });
  const redactor = await jobRedactor(stack);
  const work = (options: RunOptions) => stack.up({ ...options, policyPacks: [policyPack] });
  const first = await runEngine("up", work, { redactor });
  const locks = parseLocks(first.output);
  if (first.code === 0 || locks.length === 0) return first;
  const machine = thisMachine();
  if (!locks.every((lock) => isAbandoned(lock, machine))) {
    process.stderr.write(`${renderLocks(locks, name)}\n`);
    return first;
  }
  process.stderr.write("the lock is from a job that was killed: it is cleared now\n");
  const cleared = await runEngine("cancel", () => stack.cancel(), { redactor });
  return cleared.code === 0 ? runEngine("up", work, { redactor }) : cleared;
}
