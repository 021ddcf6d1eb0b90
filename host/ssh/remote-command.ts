import { readRepositoryFile } from "../../repository";
import { commandLine } from "./quote";

/** A script of `host/` with its arguments. */
export interface RemoteScript {
  readonly script: `${string}.sh`;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
}

/**
 * The command line that runs a script as root. The server itself stops the script at the time limit, so that it also ends
 * when this program was killed.
 */
export function remoteCommandLine(user: string, { script, args, timeoutSeconds }: RemoteScript): string {
  const sudo = user === "root" ? [] : ["sudo", "-n"];
  const text = readRepositoryFile("host", script);
  return commandLine([
    ...sudo,
    "timeout",
    "--kill-after=5",
    String(timeoutSeconds),
    "bash",
    "-c",
    text,
    script,
    ...args,
  ]);
}
