import { spawn } from "node:child_process";
import { repositoryRoot } from "../../repository";
import { policyPack } from "../engine";
import { InitError } from "./guide";

/** A stack, and the environment in which the engine works on it. */
export interface Target {
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A command of the engine. `stdin` carries a secret, which a process list must not show. */
export interface EngineCommand {
  readonly words: readonly string[];
  readonly stdin?: string;
}

const withTag = (tag: string): readonly string[] => ["--policy-pack", policyPack, "-c", `imageTag=${tag}`];

/** The commands that make the stack and store its secrets. A secret's name may be a path such as `a.b`. */
export const prepareCommands = (secrets: Readonly<Record<string, string>>): readonly EngineCommand[] => [
  { words: ["stack", "select", "--create"] },
  ...Object.entries(secrets).map(([name, stdin]) => ({
    words: ["config", "set", "--secret", ...(name.includes(".") ? ["--path"] : []), name],
    stdin,
  })),
];

export const previewCommand = (tag: string): EngineCommand => ({ words: ["preview", ...withTag(tag)] });

export const deployCommand = (tag: string): EngineCommand => ({
  words: ["up", "--yes", "--skip-preview", ...withTag(tag)],
});

/** Runs a command of the engine in front of the operator. @throws InitError when it fails. */
export async function runEngine({ words, stdin }: EngineCommand, { stack, environment }: Target): Promise<void> {
  const args = words[1] === "select" ? [...words, stack] : [...words, "--stack", stack];
  const child = spawn("pulumi", args, {
    cwd: repositoryRoot,
    env: environment,
    // A program behind the guide gets one JSON object, or the last lines, and not the engine's output.
    stdio: [stdin === undefined ? "inherit" : "pipe", process.stdout.isTTY ? "inherit" : 2, "inherit"],
  });
  child.stdin?.end(stdin);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  if (code !== 0)
    throw new InitError(
      `pulumi ${words.slice(0, 2).join(" ")} ended with exit code ${code}; the stack file is written\n  next: correct the cause above, and run the guide again: its answers are the defaults`,
    );
}
