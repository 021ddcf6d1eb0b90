import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Connection } from "../host/connection";
import { clientOptions } from "../host/ssh/client-options";
import { writeIdentityFiles } from "../host/ssh/identity-file";
import { commandLine } from "../host/ssh/quote";
import { readRepositoryFile } from "../repository";

/** Arguments of ssh: the connection of the program, and the command in the active release. */
export function sshArguments(
  connection: Connection,
  app: string,
  words: readonly string[],
  isTerminal: boolean,
): readonly string[] {
  const { host, port, user } = connection;
  const sudo = user === "root" ? [] : ["sudo", "-n"];
  const script = readRepositoryFile("host", "exec/exec.sh");
  const flags = isTerminal ? "-it" : "-i";
  return [
    ...clientOptions(connection),
    isTerminal ? "-t" : "-T",
    "-p",
    String(port),
    `${user}@${host}`,
    commandLine([...sudo, "bash", "-c", script, "exec", app, flags, ...words]),
  ];
}

/** Runs a command in the container of the active release, with this terminal. Returns its exit code. */
export async function execute(connection: Connection, app: string, words: readonly string[]): Promise<number> {
  writeIdentityFiles(connection);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const child = spawn("ssh", sshArguments(connection, app, words, isTerminal), { stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}
