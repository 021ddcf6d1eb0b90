/**
 * The Pulumi engine on one stack. Most work goes through Pulumi's Automation API; `engineOutput` is for the one command
 * that the API cannot give. docs/decisions/0030-automation-api.md says why.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { repositoryRoot } from "../repository";
import { Redactor } from "./redact";

/** A stack, and the values that only the next commands on it get. */
export interface StackSelection {
  /** Name of the stack, as the engine takes it. */
  readonly stack: string;
  /** Stack file. @default Pulumi.<stack>.yaml */
  readonly configFile?: string | undefined;
  /** Folder of the program. @default this checkout */
  readonly folder?: string | undefined;
  /** Image tag to deploy, as `-c imageTag=<tag>` gives it. */
  readonly imageTag?: string | undefined;
}

/** Folder of the policy pack that checks each `up` and `preview`. */
export const policyPack = join(repositoryRoot, "policy");

/** GitHub Actions sets each variable that has no value to an empty text, and the engine uses some of these as values. */
export function removeEmptyVariables(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment)) if (value === "") Reflect.deleteProperty(environment, name);
}

/**
 * Options of the engine as variables. Unlike an argument, they reach the program, and a command that does not know the
 * option ignores its variable.
 */
const optionVariables = ({ configFile, imageTag }: StackSelection): Record<string, string> => ({
  ...(configFile === undefined ? {} : { PULUMI_OPTION_CONFIG_FILE: configFile }),
  ...(imageTag === undefined ? {} : { PULUMI_OPTION_CONFIG: `imageTag=${imageTag}` }),
});

/**
 * Opens a stack. The stack that the operator has selected with `pulumi stack select` stays selected.
 * @throws Error when the engine cannot be started.
 */
export async function openStack(selection: StackSelection): Promise<Stack> {
  removeEmptyVariables(process.env);
  // Loaded here, because most commands of `ops` do not need it. The light runtime halves the time that it takes.
  await import("../light-runtime");
  const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation/index.js");
  const options = { workDir: selection.folder ?? repositoryRoot, envVars: optionVariables(selection) };
  const workspace = await LocalWorkspace.create(options).catch((error: unknown) => {
    throw new Error(explainStart(error), { cause: error });
  });
  // The API runs `pulumi stack select` otherwise, which changes the selected stack of the whole machine.
  workspace.selectStack = () => Promise.resolve();
  return Stack.select(selection.stack, workspace);
}

/** The message for an engine that cannot be started. */
export const explainStart = (error: unknown): string =>
  `start pulumi: ${failureOf(error).output}\n  next: install the Pulumi CLI and put it on PATH: https://www.pulumi.com/docs/install/`;

/** The API keeps exit code, command and output of the engine in a member that its types do not declare. */
const commandErrorSchema = z.object({
  commandResult: z.object({
    stderr: z.string(),
    err: z
      .object({ exitCode: z.int(), command: z.string(), stdout: z.string(), stderr: z.string() })
      .partial()
      .optional(),
  }),
});

/** A run of the engine that failed. */
export interface EngineFailure {
  readonly code: number;
  /** The command line of the engine; empty if it did not start. */
  readonly command: string;
  /** Standard output and standard error. */
  readonly output: string;
}

/** The run of the engine, as the error of the Automation API describes it. */
export function failureOf(error: unknown): EngineFailure {
  const parsed = commandErrorSchema.safeParse(error);
  if (!parsed.success) return { code: 1, command: "", output: error instanceof Error ? error.message : String(error) };
  const { stderr: reason, err } = parsed.data.commandResult;
  const output = [err?.stdout, err?.stderr].filter(Boolean).join("\n");
  return { code: err?.exitCode ?? 1, command: err?.command ?? "", output: output || reason };
}

/** The result of a run of the engine. */
export interface EngineRun {
  readonly code: number;
  /** All output, without secrets. */
  readonly output: string;
}

type Show = (text: string) => void;

/** Functions that the Automation API calls with output of the engine, and the signal that stops it. */
export interface RunOptions {
  readonly onOutput: Show;
  readonly onError: Show;
  readonly signal: AbortSignal;
  readonly color: "never";
  /** The engine shows its progress by dots where it has no terminal. */
  readonly suppressProgress: true;
  /** With secrets, the API's question about the history would write a stack file with a new salt beside `--config-file`. */
  readonly showSecrets: false;
}

/** Collects and shows the output of a run. Each stream is redacted on its own: their pieces can alternate. */
class Output {
  text = "";
  private readonly pending = { onOutput: "", onError: "" };

  constructor(
    private readonly redactor: Redactor,
    private readonly show: Show,
  ) {}

  stream(name: keyof Output["pending"]): Show {
    return (piece) => {
      const { text, pending } = this.redactor.next(this.pending[name], piece);
      this.pending[name] = pending;
      this.add(text);
    };
  }

  end(): void {
    for (const name of ["onOutput", "onError"] as const) {
      this.add(this.redactor.whole(this.pending[name]));
      this.pending[name] = "";
    }
  }

  add(text: string): void {
    if (text === "") return;
    this.text += text;
    this.show(text);
  }
}

/**
 * Ctrl-C in a terminal reaches the engine and this process alike. This process ignores it, so that the engine can end in
 * order: the API would kill it otherwise. SIGTERM reaches only this process, which passes it on.
 */
async function untilEngineEnds<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const ignore = (): void => undefined;
  const passOn = (): void => {
    abort.abort();
  };
  process.on("SIGINT", ignore).on("SIGTERM", passOn);
  try {
    return await work(abort.signal);
  } finally {
    process.off("SIGINT", ignore).off("SIGTERM", passOn);
  }
}

/**
 * Runs an operation of a stack, shows its output as it arrives, and returns how it ended. An engine that fails is a
 * result, not an error.
 */
export async function runEngine(
  operation: string,
  work: (options: RunOptions) => Promise<unknown>,
  { redactor = new Redactor([]), show = showOnStderr }: { redactor?: Redactor; show?: Show } = {},
): Promise<EngineRun> {
  const output = new Output(redactor, show);
  const [onOutput, onError] = [output.stream("onOutput"), output.stream("onError")];
  try {
    const plain = { color: "never", suppressProgress: true, showSecrets: false } as const;
    await untilEngineEnds((signal) => work({ onOutput, onError, signal, ...plain }));
    output.end();
    return { code: 0, output: output.text };
  } catch (error) {
    output.end();
    return failedRun(operation, failureOf(error), output, redactor);
  }
}

/**
 * After an `up` or a `destroy` the API asks the engine for outputs and history. Where that fails, the operation itself
 * has succeeded.
 */
function failedRun(operation: string, failure: EngineFailure, output: Output, redactor: Redactor): EngineRun {
  const hasSucceeded = failure.command !== "" && !failure.command.startsWith(`pulumi ${operation} `);
  if (hasSucceeded || output.text === "") output.add(`${redactor.whole(failure.output)}\n`);
  return { code: hasSucceeded ? 0 : failure.code, output: output.text };
}

const showOnStderr: Show = (text) => {
  process.stderr.write(text);
};

const outputSeconds = 120;
const outputBytes = 256 * 1024 * 1024;

/**
 * The standard output of a command of the engine for which the Automation API has no equal.
 * @throws Error with the words of the engine when it fails.
 */
export async function engineOutput(words: readonly string[]): Promise<string> {
  removeEmptyVariables(process.env);
  const options = { cwd: repositoryRoot, timeout: outputSeconds * 1000, maxBuffer: outputBytes };
  const { stdout } = await promisify(execFile)("pulumi", [...words, "--non-interactive"], options);
  return stdout;
}
