/** Writes the state without its secrets to a file: the trusted half of a pull request's preview. Runs no code of a pull request. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { repositoryRoot } from "../../repository";
import { openStack } from "../engine";
import { stackFileOf } from "../stack";
import { requiredVariable, runJob, stackName } from "./job";
import type { ProgramRun } from "./program-inputs";
import { knownResources, openStateSchema, scrubState, type OpenState, type ProgramInputs } from "./scrub-state";
import { dummyConfig, type ProgramConfig } from "./stack-config";

/** The configuration with its real secrets. */
async function realConfig(stack: Stack): Promise<ProgramConfig> {
  const found = Object.entries(await stack.getAllConfig());
  return {
    config: Object.fromEntries(found.map(([key, { value }]) => [key, value])),
    secretKeys: found.flatMap(([key, { secret }]) => (secret ? [key] : [])),
  };
}

/** Secret texts of the configuration: whole values, and the texts inside of structures that hold a secret. */
function secretsOf(real: ProgramConfig, dummy: ProgramConfig): string[] {
  const isChanged = (key: string): boolean => real.config[key] !== dummy.config[key];
  return real.secretKeys.filter(isChanged).flatMap((key) => {
    const before = real.config[key] ?? "";
    const after = new Set((dummy.config[key] ?? "").match(/"(?:[^"\\]|\\.)*"/g));
    return before.startsWith("{")
      ? (before.match(/"(?:[^"\\]|\\.)*"/g) ?? [])
          .filter((one) => !after.has(one))
          .map((one) => JSON.parse(one) as string)
      : [before];
  });
}

/** Runs the program of this checkout with an environment that holds no secret. */
function inputsOf(state: OpenState, { config, secretKeys }: ProgramConfig, secrets: "real" | "dummy"): ProgramInputs {
  const [organization = "", project = "", stack = ""] = stackName().split("/");
  const resources = knownResources(state, secrets);
  const run: ProgramRun = { organization, project, stack, config, secretKeys, resources };
  const { PATH = "", HOME = "" } = process.env;
  const output = execFileSync(process.execPath, [join(__dirname, "program-inputs.js")], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
    cwd: repositoryRoot,
    env: { PATH, HOME },
    input: JSON.stringify(run),
  });
  // The program may log before.
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as ProgramInputs;
}

async function main(): Promise<void> {
  const file = requiredVariable("SCRUBBED_STATE", "the file to write", process.env);
  const stack = await openStack({ stack: stackName() });
  const state = openStateSchema.parse(await stack.exportStack());
  const real = await realConfig(stack);
  const dummy = dummyConfig(readFileSync(stackFileOf(stackName()), "utf8"));
  const runs = { real: inputsOf(state, real, "real"), dummy: inputsOf(state, dummy, "dummy") };
  const scrubbed = scrubState(state, runs, secretsOf(real, dummy));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(scrubbed));
  process.stdout.write(`${scrubbed.deployment.resources.length} resources published without their secrets\n`);
}

runJob(main);
