import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * For tests that interrupt a run at a named step. If the environment variable VPS_BREAKPOINT names this step, it writes the
 * process id into the file VPS_BREAKPOINT_FILE and waits until the file is removed. Otherwise it does nothing.
 */
export async function stopAtBreakpoint(step: string): Promise<void> {
  const file = process.env["VPS_BREAKPOINT_FILE"];
  if (process.env["VPS_BREAKPOINT"] !== step || file === undefined) return;
  writeFileSync(file, String(process.pid));
  while (existsSync(file)) await sleep(50);
}
