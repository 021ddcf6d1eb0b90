/** `npm run preview -- [options of pulumi preview]`. */
import { preview } from "./preview";

// Ctrl-C reaches the engine, too, which then ends in order.
process.on("SIGINT", () => undefined);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

preview(process.argv.slice(2), say)
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
