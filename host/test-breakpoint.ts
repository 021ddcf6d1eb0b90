import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * For tests that break a run at a named step: where the environment's VPS_BREAKPOINT names this step, writes this process's
 * id into the file VPS_BREAKPOINT_FILE and waits until the file is gone. Otherwise does nothing.
 */
export async function pauseAt(step: string): Promise<void> {
  const file = process.env["VPS_BREAKPOINT_FILE"];
  if (process.env["VPS_BREAKPOINT"] !== step || file === undefined) return;
  writeFileSync(file, String(process.pid));
  while (existsSync(file)) await sleep(50);
}
