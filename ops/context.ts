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

/** One of the servers of a stack. */
export interface ServerContext extends Context {
  /** Its name in the cluster. */
  readonly server: string;
}

const closeMs = 500;

/** Runs a command's work against all servers of the stack, the one of `host` first, and always closes the connections. */
export async function onServers(
  program: Command,
  work: (first: ServerContext, all: readonly ServerContext[]) => Promise<void>,
): Promise<void> {
  const { stack: name, configFile, json } = program.opts<GlobalOptions>();
  const stack = readStack(name, configFile);
  const print: Context["print"] = (value, render) =>
    process.stdout.write(`${json ? JSON.stringify(value, undefined, 2) : render(value)}\n`);
  const open = pooledShells();
  const all = stack.servers.map(({ name: server, connection }) => {
    const shell = open(connection);
    const backups = new BackupCommands(shell, stack.app.name);
    return { server, stack: { ...stack, connection }, shell, backups, print };
  });
  try {
    const [first] = all;
    if (first !== undefined) await work(first, all);
  } finally {
    // A server that does not answer keeps its connection open for long: the process ends without it.
    const closed = Promise.all(all.map(({ shell }) => shell.close()));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, closeMs))]);
  }
}

/** Runs a command's work against the server of `host`, and always closes the connection. */
export const onHost = (program: Command, work: (context: Context) => Promise<void>): Promise<void> =>
  onServers(program, (first) => work(first));

/**
 * The answers of the servers that give one, with their names. Names the others on standard error.
 * @throws Error of the first server when none answers, and that of the only server.
 */
export async function answersOf<T>(
  all: readonly ServerContext[],
  ask: (context: ServerContext) => Promise<T>,
): Promise<readonly { readonly server: string; readonly value: T }[]> {
  const settled = await Promise.allSettled(all.map(async (one) => ({ server: one.server, value: await ask(one) })));
  const failed = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (failed.length === settled.length) throw failed[0];
  for (const error of failed)
    process.stderr.write(`warning: ${error instanceof Error ? error.message : String(error)}\n`);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** The releases on the server. Names each deployment record that cannot be read, on standard error. */
export async function observed({ shell, stack }: Context): Promise<HostState> {
  const state = parseHostState(await shell.run(observe(stack.app.name)));
  for (const warning of recordWarnings(stack.app.name, state)) process.stderr.write(`warning: ${warning}\n`);
  return state;
}
