import { spawn } from "node:child_process";
import { once } from "node:events";
import { repositoryRoot } from "../../repository";
import { openStack, policyPack, runEngine, type EngineRun } from "../engine";
import { requiredVariable } from "./job";
import { jobRedactor } from "./secrets";

/** The arguments that make the engine check the policy pack. */
export const policed = ["--policy-pack", policyPack] as const;

/** The stack of the job. @throws Error when PULUMI_STACK is not set. */
export const stackName = (environment: NodeJS.ProcessEnv = process.env): string =>
  requiredVariable("PULUMI_STACK", "the name of the stack, such as organization/memoryloop-infra/prod", environment);

/** The environment without its empty variables. */
const withoutEmpty = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

/** Runs the engine in this checkout and shows its output without secrets. */
export async function pulumi(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<EngineRun> {
  const stack = stackName(environment);
  const redactor = await jobRedactor(await openStack({ stack }));
  let code = 0;
  const run = await runEngine(
    words[0] ?? "",
    async ({ onOutput, onError }) => {
      const args = [...words, "--stack", stack, "--non-interactive", "--color", "never"];
      const options = { cwd: repositoryRoot, env: withoutEmpty(environment) };
      const child = spawn("pulumi", args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.setEncoding("utf8").on("data", onOutput);
      child.stderr.setEncoding("utf8").on("data", onError);
      code = Number((await once(child, "close"))[0] ?? 1);
    },
    { redactor },
  );
  return { ...run, code };
}
