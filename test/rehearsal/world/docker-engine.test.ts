import { describe, expect, test } from "vitest";
import { engineSteps, type EngineHost } from "../../../rehearsal/world/docker-engine";

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

  test("an engine elsewhere is not ours to start", () => {
    expect(() => engineSteps({ ...freshDebian, dockerHost: "ssh://build@far" })).toThrow("DOCKER_HOST=ssh://build@far");
  });
});
