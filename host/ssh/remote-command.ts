import { readRepositoryFile } from "../../repository";
import { commandLine } from "./quote";

/** A script of `host/` with its arguments. */
export interface RemoteScript {
  readonly script: `${string}.sh`;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
}

/** The lines before and after the output of a script: the proof that bash ran it, and to its end. */
const beginMark = "vps-script-begins";
const endMark = "vps-script-ends";

const sudo = (user: string): readonly string[] => (user === "root" ? [] : ["sudo", "-n"]);

/**
 * A command line that runs a bash program as root and means the same in every login shell, such as sh, zsh, fish and csh:
 * it has no quote, variable or line break that a shell could read in its own way.
 */
export const anyShellLine = (user: string, before: readonly string[], program: string): string =>
  [...sudo(user), ...before, "bash", "-c", `'eval "$(base64 -d <<<${Buffer.from(program).toString("base64")})"'`].join(
    " ",
  );

/**
 * The command line that runs a script as root. The server itself stops the script at the time limit, so that it also ends
 * when this program was killed.
 */
export function remoteCommandLine(user: string, { script, args, timeoutSeconds }: RemoteScript): string {
  const words = commandLine(["bash", "-c", readRepositoryFile("host", script), script, ...args]);
  const program = `echo ${beginMark}\n${words}\ncode=$?\nprintf '\\n${endMark}\\n'\nexit "$code"`;
  return anyShellLine(user, ["timeout", "--kill-after=5", String(timeoutSeconds)], program);
}

/** The output of a remote process: the text before the script, and the script's own. */
export interface ScriptOutput {
  /** Text that the login shell printed first. Empty on most servers. */
  readonly noise: string;
  readonly stdout: string;
  /** Whether the script ran to its end. */
  readonly complete: boolean;
}

/** Separates a script's output from what surrounds it; undefined when the script did not begin. */
export function scriptOutput(text: string): ScriptOutput | undefined {
  const begin = new RegExp(`^${beginMark}\\r?\\n`, "m").exec(text);
  if (begin === null) return undefined;
  const rest = text.slice(begin.index + begin[0].length);
  const end = rest.lastIndexOf(`\n${endMark}\n`);
  return {
    noise: text.slice(0, begin.index).trim(),
    stdout: end === -1 ? rest : rest.slice(0, end),
    complete: end !== -1,
  };
}

/** Whether a line is the one before a script's output. */
export const isBeginMark = (line: string): boolean => line === beginMark;
