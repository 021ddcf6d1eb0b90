import { describe, expect, test } from "vitest";
import type { PulumiSettings } from "../../engine/pulumi-environment";
import { languageHostProgram, pulumiEnvironment, pulumiVariables } from "../../engine/pulumi-environment";

const built: PulumiSettings = {
  engine: { binary: "/cache/pulumi", version: "3.250.0", kind: "built", pathPrefix: "/cache" },
  pulumiHome: "/world/home",
  stateFolder: "/world/state",
  passphraseFile: "/world/passphrase",
  sshAgentSocket: "/world/agent.sock",
  standIns: true,
};

describe("pulumiVariables", () => {
  test("runs a built engine with stand-ins", () => {
    expect(pulumiVariables(built, "/usr/bin")).toEqual({
      PATH: "/cache:/usr/bin",
      PULUMI_HOME: "/world/home",
      PULUMI_BACKEND_URL: "file:///world/state",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/world/passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      MEMORYLOOP_LANGUAGE_HOST: languageHostProgram,
      SSH_AUTH_SOCK: "/world/agent.sock",
    });
  });

  test("runs an installed engine with real plugins and no agent", () => {
    const installed: PulumiSettings = {
      ...built,
      engine: { binary: "pulumi", version: "3.260.0", kind: "installed", pathPrefix: "" },
      sshAgentSocket: undefined,
      standIns: false,
    };
    expect(pulumiVariables(installed, "/usr/bin")).toEqual({
      PATH: "/usr/bin",
      PULUMI_HOME: "/world/home",
      PULUMI_BACKEND_URL: "file:///world/state",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/world/passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });
});

describe("pulumiEnvironment", () => {
  test("inherits all but what could lead the engine elsewhere", () => {
    const inherited = {
      PATH: "/usr/bin",
      HOME: "/root",
      PULUMI_CONFIG_PASSPHRASE: "mine",
      PULUMI_ACCESS_TOKEN: "mine",
      SSH_AUTH_SOCK: "/mine",
    };
    expect(pulumiEnvironment({ ...built, sshAgentSocket: undefined }, inherited)).toEqual({
      HOME: "/root",
      ...pulumiVariables({ ...built, sshAgentSocket: undefined }, "/usr/bin"),
    });
  });
});
