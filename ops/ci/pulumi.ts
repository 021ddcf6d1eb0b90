import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "../../repository";

/** The words by which the engine has the policy pack judge what it is about to do. */
export const policed = ["--policy-pack", join(repositoryRoot, "policy")] as const;

/** How a run of the engine ended. */
export interface Ended {
  readonly code: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** The stack to work on. @throws Error where PULUMI_STACK does not say. */
export function stackName(environment: NodeJS.ProcessEnv = process.env): string {
  const stack = environment["PULUMI_STACK"];
  if (stack) return stack;
  throw new Error("PULUMI_STACK is not set: set it to the stack's name, such as organization/memoryloop-infra/prod");
}

/** Without the empty variables, which Actions gives for what is not set. */
export const withoutEmpty = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

/** Runs the engine on PATH in this checkout and shows what it says. */
export function pulumi(words: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const args = [...words, "--stack", stackName(environment), "--non-interactive", "--color", "never"];
  const child = spawn("pulumi", args, {
    cwd: repositoryRoot,
    env: withoutEmpty(environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      process.stderr.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}
