import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../host/connection";
import { commandLine } from "../host/ssh/quote";
import { readRepositoryFile } from "../repository";

/** A line of known_hosts that accepts the pinned key alone. */
export const knownHost = ({ host, port, hostKey }: Connection): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`;

/** Arguments of ssh: the pinned key, keys of the agent alone, and the command in the active release. */
export function sshArguments(
  { host, port, user }: Connection,
  app: string,
  words: readonly string[],
  { knownHosts, isTerminal }: { readonly knownHosts: string; readonly isTerminal: boolean },
): readonly string[] {
  const sudo = user === "root" ? [] : ["sudo", "-n"];
  const script = readRepositoryFile("host", "exec/exec.sh");
  const flags = isTerminal ? "-it" : "-i";
  const settings = [
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
    "PasswordAuthentication=no",
    "LogLevel=ERROR",
  ];
  return [
    "-F",
    "none",
    ...settings.flatMap((setting) => ["-o", setting]),
    isTerminal ? "-t" : "-T",
    "-p",
    String(port),
    `${user}@${host}`,
    commandLine([...sudo, "bash", "-c", script, "exec", app, flags, ...words]),
  ];
}

/** Runs a command in the container of the active release, with this terminal. Returns its exit code. */
export async function execute(connection: Connection, app: string, words: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ops-exec-"));
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, knownHost(connection));
  try {
    const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
    const child = spawn("ssh", sshArguments(connection, app, words, { knownHosts, isTerminal }), { stdio: "inherit" });
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
