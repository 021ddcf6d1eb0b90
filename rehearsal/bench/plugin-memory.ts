import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
}

const parentOf = (pid: string): number => Number(/^PPid:\s+(\d+)/m.exec(readProc(pid, "status"))?.[1]);
const isOurPlugin = (pid: string): boolean => readProc(pid, "cmdline").includes("dist/provider.cjs");

/** The highest resident memory of this engine's plugin until `stop`, in MiB (proc(5), VmHWM). */
export async function peakPluginMemory(engine: number, stop: AbortSignal): Promise<number> {
  let peak = 0;
  let plugin: string | undefined;
  while (!stop.aborted) {
    // It is searched once: a search through all processes each time would slow down the measured command.
    plugin ??= readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && parentOf(pid) === engine && isOurPlugin(pid));
    const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(readProc(plugin ?? "", "status"))?.[1] ?? 0);
    peak = Math.max(peak, kilobytes / 1024);
    await sleep(200);
  }
  return peak;
}
