import type { Command } from "commander";
import { BackupCommands } from "../host/backup/backup-commands";
import { observe } from "../host/rollout/commands";
import { parseHostState, type HostState } from "../host/rollout/host-state";
import { recordWarnings } from "../host/rollout/records";
import { pooledShells } from "../host/ssh/ssh-shell";
import { readStack, type Stack } from "./stack";

/** The options of every command. */
export interface GlobalOptions {
  readonly stack: string;
  readonly configFile?: string;
  readonly json?: boolean;
}

/** A server to work on, and how to print a result: as one JSON object, or as lines for a person. */
export interface Context {
  readonly stack: Stack;
  readonly shell: ReturnType<ReturnType<typeof pooledShells>>;
  readonly backups: BackupCommands;
  readonly print: <T>(value: T, render: (value: T) => string) => void;
}

const closeMs = 500;

/** Runs a command's work against the stack's server, and always closes the connection. */
export async function onHost(program: Command, work: (context: Context) => Promise<void>): Promise<void> {
  const { stack: name, configFile, json } = program.opts<GlobalOptions>();
  const stack = readStack(name, configFile);
  const shell = pooledShells()(stack.connection);
  const print: Context["print"] = (value, render) =>
    process.stdout.write(`${json ? JSON.stringify(value, undefined, 2) : render(value)}\n`);
  try {
    await work({ stack, shell, backups: new BackupCommands(shell, stack.app.name), print });
  } finally {
    // A server that does not answer keeps its connection open for long: the process ends without it.
    await Promise.race([shell.close(), new Promise((resolve) => setTimeout(resolve, closeMs))]);
  }
}

/** The releases on the server. Names each deployment record that cannot be read, on standard error. */
export async function observed({ shell, stack }: Context): Promise<HostState> {
  const state = parseHostState(await shell.run(observe(stack.app.name)));
  for (const warning of recordWarnings(stack.app.name, state)) process.stderr.write(`warning: ${warning}\n`);
  return state;
}
