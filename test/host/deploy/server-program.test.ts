import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverProgram } from "../../../host/sets/deploy";

let folder: string;

const settings = {
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  app: "app",
  domain: "app.example.com",
  port: 3000,
  gates: { commit: {}, other: {} },
  repository: "ghcr.io/owner/app",
  subnet: "10.213.0.0/16",
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "server-program-"));
  mkdirSync(join(folder, "program"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "program", "main.cjs"), serverProgram());
  cpSync("host/rollout", join(folder, "host", "rollout"), { recursive: true });
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  writeFileSync(join(folder, "bin", "logger"), `#!/bin/sh\nprintf '%s\\n' "$*" >>'${folder}/log'\n`);
  chmodSync(join(folder, "bin", "logger"), 0o755);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the program as the server does; array methods that came with Node.js 20 are missing, as in Node.js 18. */
function run(words: string) {
  const withoutNew = join(folder, "node18.cjs");
  writeFileSync(
    withoutNew,
    'require("node:http"); require("node:readline");\nfor (const name of ["toReversed", "toSorted", "toSpliced"]) delete Array.prototype[name];\n',
  );
  const program = ["--require", withoutNew, join(folder, "program", "main.cjs"), folder, words];
  const environment = { PATH: `${folder}/bin:${process.env["PATH"] ?? ""}`, VPS_OPERATOR: "deploy key ci" };
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { env: environment, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the program behind a deploy key", () => {
  test("refuses what is no request, and logs it", () => {
    const reason = "another command: this key can do `deploy <tag>`, `rollback` and `status`";
    expect(run("id; reboot")).toEqual({ status: 2, stdout: "", stderr: `refused: ${reason}\n` });
    const log = spawnSync("tail", ["-n1", join(folder, "log")], { encoding: "utf8" }).stdout;
    expect(log).toBe(`--tag app-deploy --priority auth.warning -- deploy key ci: refused ${reason}: "id; reboot"\n`);
  });

  test("has the array methods that Node.js 18 lacks: the state of a server is read with them", () => {
    const observe = `#!/usr/bin/env bash\necho '${JSON.stringify({
      ...{ active: "11", previous: "", unconfirmed: null, environment: "11", listening: ["11"], records: "" },
      ...{ containers: [], targets: {} },
    })}'\n`;
    writeFileSync(join(folder, "host", "rollout", "observe.sh"), observe);
    expect(run("status")).toEqual({
      status: 0,
      stdout: "active: none (release 11)\nprevious: none\nlast deployment: none\n",
      stderr: "",
    });
  });
});
