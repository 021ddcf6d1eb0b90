import { describe, expect, test } from "vitest";
import type { ProgramRun } from "../../../offline/language-host/node-command";
import {
  pluginCommand,
  pluginRunner,
  programCommand,
  programOutcome,
} from "../../../offline/language-host/node-command";

const preview: ProgramRun = {
  monitorAddress: "127.0.0.1:1",
  engineAddress: "127.0.0.1:2",
  organization: "organization",
  project: "shop",
  stack: "prod",
  rootDirectory: "/shop",
  workingDirectory: "/shop",
  entryPoint: ".",
  programArguments: [],
  dryRun: true,
  parallel: 16,
  config: { "shop:tag": "a=b", "shop:key": "hunter2" },
  secretKeys: ["shop:key"],
  typescript: false,
};

describe("programCommand", () => {
  test("starts a preview", () => {
    expect(programCommand("/run", preview)).toEqual({
      args: [
        ...["/run", "--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--organization", "organization"],
        ...["--project", "shop", "--root-directory", "/shop", "--stack", "prod", "--pwd", "/shop"],
        ...["--dry-run", "--parallel", "16", "."],
      ],
      workingDirectory: "/shop",
      environment: {
        PULUMI_CONFIG: '{"shop:tag":"a=b","shop:key":"hunter2"}',
        PULUMI_CONFIG_SECRET_KEYS: '["shop:key"]',
      },
    });
  });

  test("starts an update", () => {
    expect(programCommand("/run", { ...preview, dryRun: false }).args).not.toContain("--dry-run");
  });

  test("leaves out fields that the engine did not send", () => {
    expect(programCommand("/run", { ...preview, organization: "" }).args).not.toContain("--organization");
  });

  test("passes the program's arguments after its entry point", () => {
    const { args } = programCommand("/run", { ...preview, programArguments: ["--fast"] });
    expect(args.slice(-2)).toEqual([".", "--fast"]);
  });

  test("asks for TypeScript", () => {
    expect(programCommand("/run", { ...preview, typescript: true }).environment).toMatchObject({
      PULUMI_NODEJS_TYPESCRIPT: "true",
    });
  });

  test("keeps config values out of the arguments", () => {
    expect(programCommand("/run", preview).args.join(" ")).not.toContain("hunter2");
  });
});

describe("pluginCommand", () => {
  const plugin = {
    programDirectory: "/shop/policy",
    workingDirectory: "/shop",
    pluginArguments: ["-v=9", "127.0.0.1:2"],
    environment: ["A=1=2", "B="],
  };

  test("runs a policy pack in its own folder", () => {
    expect(pluginCommand("/run", { ...plugin, kind: "analyzer" })).toEqual({
      args: ["/run", "-v=9", "127.0.0.1:2", "/shop/policy"],
      workingDirectory: "/shop/policy",
      environment: { A: "1=2", B: "" },
    });
  });

  test("runs a resource plugin in the engine's folder", () => {
    expect(pluginCommand("/run", { ...plugin, kind: "resource" })).toMatchObject({
      args: ["/run", "/shop/policy", "-v=9", "127.0.0.1:2"],
      workingDirectory: "/shop",
    });
  });
});

describe("pluginRunner", () => {
  test("knows policy packs from other plugins", () => {
    expect([pluginRunner("analyzer"), pluginRunner("resource")]).toEqual([
      "@pulumi/pulumi/cmd/run-policy-pack",
      "@pulumi/pulumi/cmd/run-plugin",
    ]);
  });
});

describe("programOutcome", () => {
  test.each([
    [0, null, { bail: false, error: "" }],
    [32, null, { bail: true, error: "" }],
    [1, null, { bail: false, error: "Program exited with non-zero exit code: 1" }],
    [null, "SIGKILL", { bail: false, error: "Program was ended by SIGKILL" }],
  ])("reads exit code %s and signal %s", (code, signal, outcome) => {
    expect(programOutcome(code, signal)).toEqual(outcome);
  });
});
