import { fstatSync } from "node:fs";

const parentCheckMs = 500;

/**
 * Ends this process when the engine that started it has ended, however it ended. A plugin that outlives its engine would keep
 * the server's lock. The engine holds the other end of standard input for as long as it lives. The parent's process id alone
 * is not enough: when the engine ends while this program still loads, the id has its last value already and never changes.
 */
export function endWithEngine(
  end: () => void = () => {
    process.exit(1);
  },
): void {
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.once("close", end).once("error", end).resume();
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) end();
  }, parentCheckMs).unref();
}
