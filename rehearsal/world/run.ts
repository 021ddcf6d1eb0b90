import { execFile } from "node:child_process";

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const ERROR_LINES = 15;

export interface RunOptions {
  /** When the program is ended, and the call fails. */
  readonly seconds: number;
  /** What the program reads on its standard input. @default nothing */
  readonly input?: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

const lastLines = (text: string): string => text.trim().split("\n").slice(-ERROR_LINES).join("\n");

/**
 * The standard output of a program of this machine, run without a shell.
 * @throws Error with the command line and the last lines it printed, when it fails or outlives `seconds`.
 */
export function run(command: readonly string[], options: RunOptions): Promise<string> {
  const [program = "", ...words] = command;
  const environment = { ...process.env, ...options.environment };
  const limits = { timeout: options.seconds * 1000, maxBuffer: OUTPUT_LIMIT_BYTES, env: environment };
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, limits, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const how = error.killed === true ? `did not end within ${options.seconds} s` : "failed";
      reject(new Error(`${command.join(" ")}: ${how}\n${lastLines(`${stdout}\n${stderr}`)}`, { cause: error }));
    });
    // A program that ends without reading its input is not an error of its own: its exit status says what happened.
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
