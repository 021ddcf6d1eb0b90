import { failureOf } from "../engine";
import { redacted } from "./summary";

/**
 * The value of a variable that a job needs.
 * @throws Error that says which value to set.
 */
export function requiredVariable(name: string, value: string, environment: NodeJS.ProcessEnv = process.env): string {
  const found = environment[name];
  if (found) return found;
  throw new Error(`${name} is not set\n  next: set it to ${value}`);
}

/** The stack of the job. @throws Error when PULUMI_STACK is not set. */
export const stackName = (environment: NodeJS.ProcessEnv = process.env): string =>
  requiredVariable("PULUMI_STACK", "the name of the stack, such as organization/memoryloop-infra/prod", environment);

/** Runs the work of a job. The exit code is 1 when it throws; the work sets any other code. */
export function runJob(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    process.stderr.write(`${redacted(failureOf(error).output)}\n`);
    process.exitCode = 1;
  });
}
