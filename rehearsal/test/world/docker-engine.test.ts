import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { engineSteps, runsProgram, type EngineHost } from "../../world/docker-engine";

const freshDebian: EngineHost = {
  hasDockerd: false,
  isDebian: true,
  isRoot: true,
  runsSystemd: false,
  dockerHost: undefined,
};

describe("engineSteps", () => {
  test("a fresh Debian without systemd gets the package and a process", () => {
    expect(engineSteps(freshDebian)).toEqual(["install", "start process"]);
  });

  test("systemd starts its own unit", () => {
    expect(engineSteps({ ...freshDebian, hasDockerd: true, runsSystemd: true })).toEqual(["start unit"]);
  });

  test("an installed engine that died is only started", () => {
    expect(engineSteps({ ...freshDebian, hasDockerd: true })).toEqual(["start process"]);
  });

  test.each([{ isRoot: false }, { isDebian: false }])("%j is told what to do", (lack) => {
    expect(() => engineSteps({ ...freshDebian, ...lack })).toThrow(
      "start Docker (`docker version` must show a server)",
    );
  });

  test("an engine on another machine is not started", () => {
    expect(() => engineSteps({ ...freshDebian, dockerHost: "ssh://build@far" })).toThrow("DOCKER_HOST=ssh://build@far");
  });
});

describe("runsProgram", () => {
  test("is true for the program itself, false for another that has its id, and for none", () => {
    const folder = mkdtempSync(join(tmpdir(), "pid-"));
    const pidFile = join(folder, "pid");
    writeFileSync(pidFile, `${process.pid}\n`);
    const answers = [
      runsProgram(pidFile, basename(process.execPath)),
      runsProgram(pidFile, "dockerd"),
      runsProgram(join(folder, "none"), "dockerd"),
    ];
    rmSync(folder, { recursive: true });
    expect(answers).toEqual([true, false, false]);
  });
});
