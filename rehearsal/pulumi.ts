import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "../repository";
import { ensureEngine, type Engine } from "./engine/engine";
import { pulumiEnvironment, pulumiVariables, type PulumiSettings } from "./engine/pulumi-environment";
import { ensurePlugins, type EnsuredPlugin } from "./engine/pulumi-home";
import { findGithub } from "./github";
import { firstSample, type Sample } from "./samples";
import type { World } from "./world/world";

/** The engine and its plugins, set up for one world. */
export interface Pulumi {
  readonly engine: Engine;
  readonly plugins: readonly EnsuredPlugin[];
  readonly settings: PulumiSettings;
  /** Arguments at the end of every command on the stack. */
  readonly stackArguments: readonly string[];
  readonly sample: Sample;
}

const stackNameOf = ({ stack }: Sample): string => `organization/memoryloop-infra/${stack}`;

export const stackName = stackNameOf(firstSample);

/** A failed command of the engine. The message contains the output, unless it was already shown. */
export class PulumiFailure extends Error {
  constructor(
    readonly code: number,
    readonly output: string,
    command: string,
    shown: boolean,
  ) {
    super(`pulumi ${command} ended with exit code ${code}${shown ? "" : `:\n${output}`}`);
  }
}

/** The world's own copy of the stack file of a sample app. */
export const stackFile = (world: World, { stack }: Sample = firstSample): string =>
  join(world.folder, `Pulumi.${stack}.yaml`);

/** Gets an engine and its plugins for a world, and for the stack of one of its apps. */
export async function ensurePulumi(
  world: World,
  report: (line: string) => void,
  sample: Sample = firstSample,
): Promise<Pulumi> {
  const engine = await ensureEngine(report);
  const pulumiHome = join(world.folder, "pulumi-home");
  const plugins = await ensurePlugins(engine, pulumiHome, () => undefined);
  const configFile = stackFile(world, sample);
  const settings: PulumiSettings = {
    engine,
    pulumiHome,
    stateFolder: join(world.folder, "state"),
    configFile,
    passphraseFile: join(world.folder, "passphrase"),
    sshAgentSocket: world.agentSocket,
    githubToken: findGithub(world)?.token,
    standIns: plugins.some((plugin) => plugin.kind === "stand-in"),
    variables: parseEnv(readFileSync(world.b2.masterKeyFile, "utf8")) as Record<string, string>,
  };
  return { engine, plugins, settings, stackArguments: ["--stack", stackNameOf(sample)], sample };
}

/** Environment and arguments to run `pulumi` manually on the world's stack, in the checkout. */
export const byHand = (pulumi: Pulumi) => ({
  command: pulumi.engine.binary,
  stack: stackNameOf(pulumi.sample),
  cwd: repositoryRoot,
  environment: pulumiVariables(pulumi.settings, process.env["PATH"] ?? ""),
  arguments: pulumi.stackArguments,
});

/** Options for a command of the engine. */
export interface PulumiRun {
  /** Called with each piece of output. */
  readonly show?: (text: string) => void;
  readonly stdin?: string;
  /** Path of another checkout of the program. @default this checkout */
  readonly cwd?: string;
  /** Variables that replace the usual ones. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Called with the engine's process id. */
  readonly started?: (pid: number | undefined) => void;
  /** Arguments that select the stack. @default the world's stack */
  readonly stackArguments?: readonly string[];
}

/**
 * Runs `pulumi` with these words on the world's stack and returns standard output.
 * @throws PulumiFailure with all output when it exits non-zero.
 */
export function runPulumi(pulumi: Pulumi, words: readonly string[], run: PulumiRun = {}): Promise<string> {
  const args = [...words, ...(run.stackArguments ?? pulumi.stackArguments), "--non-interactive"];
  const environment = { ...pulumiEnvironment(pulumi.settings, process.env), ...run.environment };
  const child = spawn(pulumi.engine.binary, args, { cwd: run.cwd ?? repositoryRoot, env: environment });
  run.started?.(child.pid);
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
    run.show?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    run.show?.(text);
  });
  child.stdin.end(run.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(stdout);
      else reject(new PulumiFailure(code ?? -1, output, words.join(" "), run.show !== undefined));
    });
  });
}
