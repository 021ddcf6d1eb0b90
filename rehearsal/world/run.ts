import { execFile, type ExecFileException } from "node:child_process";

const outputLimitBytes = 16 * 1024 * 1024;
const errorLines = 15;

export interface RunOptions {
  /** Time limit. After it the program is stopped and the call fails. */
  readonly seconds: number;
  /** Standard input of the program. @default nothing */
  readonly input?: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default this process's folder */
  readonly cwd?: string;
}

const lastLines = (text: string): string => text.trim().split("\n").slice(-errorLines).join("\n");

function howItEnded({ killed, code }: ExecFileException, seconds: number): string {
  if (killed === true) return `did not end within ${seconds} s`;
  return code === "ENOENT" ? "there is no such program" : "failed";
}

/**
 * The standard output of a program of this machine, run without a shell.
 * @throws Error with the command line and the last lines of its output, when it fails or exceeds `seconds`.
 */
export function run(command: readonly string[], options: RunOptions): Promise<string> {
  const [program = "", ...words] = command;
  const environment = { ...process.env, ...options.environment };
  const timeout = options.seconds * 1000;
  const execution = { timeout, maxBuffer: outputLimitBytes, env: environment, cwd: options.cwd };
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, execution, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const how = howItEnded(error, options.seconds);
      reject(new Error(`${command.join(" ")}: ${how}\n${lastLines(`${stdout}\n${stderr}`)}`, { cause: error }));
    });
    // A program may end without reading its input. This is not an error by itself: the exit status decides.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/** Whether a program succeeds. */
export const succeeds = (command: readonly string[], options: RunOptions): Promise<boolean> =>
  run(command, options).then(
    () => true,
    () => false,
  );
