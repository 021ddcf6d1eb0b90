#!/usr/bin/env node
import { program, usageExitCode } from "./program";
import { StackFileError } from "./stack";

program
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof StackFileError ? usageExitCode : 1;
  })
  // A connection that is still being opened would keep the process alive.
  .finally(() => process.exit());
