import { execFile } from "node:child_process";

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const ERROR_LINES = 15;

const lastLines = (text: string): string => text.trim().split("\n").slice(-ERROR_LINES).join("\n");

/**
 * The standard output of a program of this machine, run without a shell.
 * @throws Error with the command line and the last lines it printed, when it fails or outlives `timeoutSeconds`.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: { timeoutSeconds: number; cwd?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: options.timeoutSeconds * 1000, maxBuffer: OUTPUT_LIMIT_BYTES, cwd: options.cwd };
    execFile(program, args, limits, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const how = error.killed === true ? `did not end within ${options.timeoutSeconds} s` : "failed";
      reject(new Error(`${program} ${args.join(" ")} ${how}:\n${lastLines(`${stdout}\n${stderr}`)}`, { cause: error }));
    });
  });
}
