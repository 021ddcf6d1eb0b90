import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ModuleKind, transpileModule } from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../repository";

const folder = mkdtempSync(join(tmpdir(), "end-with-engine-"));
const pidFile = join(folder, "pid");

/** Loading takes a plugin half a second, and an engine can end in that time. */
const loadMs = 500;

beforeAll(() => {
  const text = readRepositoryFile("provider/end-with-engine.ts");
  const { outputText } = transpileModule(text, { compilerOptions: { module: ModuleKind.CommonJS } });
  writeFileSync(join(folder, "end-with-engine.cjs"), outputText);
  writeFileSync(
    join(folder, "plugin.cjs"),
    `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${loadMs});
     require("./end-with-engine.cjs").endWithEngine();
     setInterval(() => undefined, 1000);`,
  );
  // The engine starts its plugins with a pipe for standard input, in a process group of their own.
  writeFileSync(
    join(folder, "engine.cjs"),
    `require("node:child_process").spawn(process.execPath, [${JSON.stringify(join(folder, "plugin.cjs"))}], { stdio: "pipe", detached: true });
     setInterval(() => undefined, 1000);`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills an engine this long after its plugin has started; returns the plugin's process id. */
async function killEngine(afterMs: number): Promise<number> {
  rmSync(pidFile, { force: true });
  const engine = spawn(process.execPath, [join(folder, "engine.cjs")], { stdio: "ignore" });
  while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") await sleep(5);
  await sleep(afterMs);
  engine.kill("SIGKILL");
  return Number(readFileSync(pidFile, "utf8"));
}

describe("endWithEngine", () => {
  test.each([0, loadMs / 2, loadMs * 3])(
    "ends a plugin whose engine was killed %i ms after the plugin's start",
    async (ms) => {
      const plugin = await killEngine(ms);
      try {
        await expect.poll(() => isRunning(plugin), { timeout: 10_000 }).toBe(false);
      } finally {
        if (isRunning(plugin)) process.kill(plugin, "SIGKILL");
      }
    },
  );

  test("leaves a plugin whose engine lives", async () => {
    rmSync(pidFile, { force: true });
    const engine = spawn(process.execPath, [join(folder, "engine.cjs")], { stdio: "ignore" });
    while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") await sleep(5);
    await sleep(loadMs * 3);
    const plugin = Number(readFileSync(pidFile, "utf8"));
    expect(isRunning(plugin)).toBe(true);
    engine.kill("SIGKILL");
    await expect.poll(() => isRunning(plugin), { timeout: 10_000 }).toBe(false);
  });
});
