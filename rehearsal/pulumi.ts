import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "../repository";
import { ensureEngine, type Engine } from "./engine/engine";
import { pulumiEnvironment, pulumiVariables, type PulumiSettings } from "./engine/pulumi-environment";
import { ensurePlugins, type EnsuredPlugin } from "./engine/pulumi-home";
import { findGithub } from "./github";
import type { World } from "./world/world";

/** The engine and its plugins, set up for one world. */
export interface Pulumi {
  readonly engine: Engine;
  readonly plugins: readonly EnsuredPlugin[];
  readonly settings: PulumiSettings;
  /** Arguments that every command on the stack gets behind its own. */
  readonly stackArguments: readonly string[];
}

export const stackName = "organization/memoryloop-infra/rehearsal";

/** A command of the engine that failed. Its message holds the output, unless that was shown already. */
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

/** The world's own copy of Pulumi.rehearsal.yaml. */
export const stackFile = (world: World): string => join(world.folder, "Pulumi.rehearsal.yaml");

/** Gets an engine and its plugins for a world. */
export async function ensurePulumi(world: World, report: (line: string) => void): Promise<Pulumi> {
  const engine = await ensureEngine(report);
  const pulumiHome = join(world.folder, "pulumi-home");
  const plugins = await ensurePlugins(engine, pulumiHome, () => undefined);
  const configFile = stackFile(world);
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
  return { engine, plugins, settings, stackArguments: ["--stack", stackName] };
}

/** Environment and arguments to run `pulumi` on the world's stack by hand, from the checkout. */
export const byHand = (pulumi: Pulumi) => ({
  command: pulumi.engine.binary,
  stack: stackName,
  cwd: repositoryRoot,
  environment: pulumiVariables(pulumi.settings, process.env["PATH"] ?? ""),
  arguments: pulumi.stackArguments,
});

/** How a command of the engine is run. */
export interface PulumiRun {
  /** Gets each piece of output as it comes. */
  readonly show?: (text: string) => void;
  readonly stdin?: string;
  /** Other checkout of the program than this one. */
  readonly cwd?: string;
  /** Variables over the usual ones. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Gets the engine's process id. */
  readonly started?: (pid: number | undefined) => void;
  /** Words that say which stack it is. @default the world's own */
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
