/** Writes the state without its secrets to a file: the trusted half of a pull request's preview. Runs no code of a pull request. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { repositoryRoot } from "../../repository";
import { stackFileOf } from "../stack";
import { requiredVariable, runJob } from "./job";
import type { ProgramRun } from "./program-inputs";
import { stackName } from "./pulumi";
import { knownResources, openStateSchema, scrubState, type OpenState, type ProgramInputs } from "./scrub-state";
import { dummyConfig, type ProgramConfig } from "./stack-config";

const megabytes = 1024 * 1024;
const limits = { encoding: "utf8", maxBuffer: 256 * megabytes, timeout: 120_000 } as const;

const configSchema = z.record(
  z.string(),
  z.looseObject({ value: z.string().default(""), secret: z.boolean().optional() }),
);

const engine = (words: readonly string[]): unknown =>
  JSON.parse(
    execFileSync("pulumi", [...words, "--stack", stackName(), "--non-interactive"], {
      ...limits,
      cwd: repositoryRoot,
      env: Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== "")),
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );

/** The configuration with its real secrets. */
function realConfig(): ProgramConfig {
  const found = configSchema.parse(engine(["config", "--show-secrets", "--json"]));
  return {
    config: Object.fromEntries(Object.entries(found).map(([key, { value }]) => [key, value])),
    secretKeys: Object.entries(found).flatMap(([key, { secret }]) => (secret ? [key] : [])),
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
    ...limits,
    cwd: repositoryRoot,
    env: { PATH, HOME },
    input: JSON.stringify(run),
  });
  // The program may log before.
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as ProgramInputs;
}

function main(): void {
  const file = requiredVariable("SCRUBBED_STATE", "the file to write", process.env);
  const state = openStateSchema.parse(engine(["stack", "export", "--show-secrets"]));
  const real = realConfig();
  const dummy = dummyConfig(readFileSync(stackFileOf(stackName()), "utf8"));
  const runs = { real: inputsOf(state, real, "real"), dummy: inputsOf(state, dummy, "dummy") };
  const scrubbed = scrubState(state, runs, secretsOf(real, dummy));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(scrubbed));
  process.stdout.write(`${scrubbed.deployment.resources.length} resources published without their secrets\n`);
}

runJob(() => {
  main();
  return Promise.resolve();
});
