import type { Command } from "commander";
import type { GlobalOptions } from "../context";
import { execute } from "../exec";
import { readStack } from "../stack";

/** `ops exec`. */
export const addExec = (program: Command): Command =>
  program
    .command("exec")
    .description(
      "run a command in the container of the active release, with this terminal; its output and its exit code are the command's, also with --json",
    )
    .argument("<words...>", "the command and its arguments, after `--`: ops exec -- node --version")
    .action(async (words: string[]) => {
      const { stack: name, configFile } = program.opts<GlobalOptions>();
      const { connection, app } = readStack(name, configFile);
      process.exitCode = await execute(connection, app.name, words);
    });
