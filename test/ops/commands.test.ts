import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pLimit from "p-limit";
import { afterAll, describe, expect, test } from "vitest";
import { completionScript } from "../../ops/commands/completion";
import { allCommands, program } from "../../ops/program";
import { projectName } from "../../ops/stack";
import { repositoryRoot } from "../../repository";

const compiled = join(repositoryRoot, "dist/ops.cjs");
const folder = mkdtempSync(join(tmpdir(), "ops-commands-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A stack whose server refuses every connection. */
function closedStack(): string {
  const file = join(folder, "Pulumi.closed.yaml");
  const key = (name: string): string => `  ${projectName()}:${name}:`;
  const lines = [
    `${key("app")} { name: app, domain: app.invalid }`,
    `${key("host")} { host: 127.0.0.1, port: 1, user: root, hostKey: "ssh-ed25519 AAAA" }`,
    `${key("image")} { repository: 127.0.0.1:1/owner/app }`,
  ];
  writeFileSync(file, `config:\n${lines.join("\n")}\n`);
  return file;
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

const limit = pLimit(2);
const ops = (...words: string[]): Promise<Ended> =>
  limit(
    () =>
      new Promise((resolve) => {
        const environment = { PATH: process.env["PATH"], SSH_AUTH_SOCK: "/nowhere", FORCE_COLOR: "1" };
        execFile(process.execPath, [compiled, ...words], { env: environment }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
        });
      }),
  );

const pathOf = (command: (typeof program.commands)[number]): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

const escape = "\x1b";

describe("every command", () => {
  test.each(allCommands(program).map((command) => [pathOf(command).join(" ") || "ops", command] as const))(
    "%s explains itself, without colours",
    (_, command) => {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toMatch(/^Usage: ops/);
      expect(help).toContain(
        "Exit codes: 0 good, 1 the command failed or found a problem, 2 it was used in a wrong way.",
      );
      expect(command.description()).not.toBe("");
      expect(help).not.toContain(escape);
    },
  );
});

describe("completion", () => {
  test("knows every command and its options", () => {
    const script = completionScript(program, "bash");
    expect(script).toMatch(/"backup"\) words="keep --permanent .*--stack --config-file --json"/);
    expect(script).toMatch(/"logs"\) words="app nginx rollout backup --lines --follow/);
    expect(completionScript(program, "zsh")).toBe(`autoload -U +X bashcompinit && bashcompinit\n${script}`);
  });
});

/** Words with which each command that works on a server reaches it. */
const onServer: Readonly<Record<string, readonly string[]>> = {
  backup: ["backup"],
  "backup keep": ["backup", "keep", "latest"],
  restore: ["restore", "latest", "--to", "/srv/x"],
  drill: ["drill"],
  status: ["status"],
  history: ["history"],
  "history of one": ["history", "deploy-1"],
  logs: ["logs", "nginx"],
  rollback: ["rollback"],
  exec: ["exec", "--", "true"],
  "maintenance on": ["maintenance", "on", "--allow", "203.0.113.7"],
  "maintenance off": ["maintenance", "off"],
  "maintenance status": ["maintenance", "status"],
  doctor: ["doctor"],
};

describe.runIf(existsSync(compiled))("the exit code of ops", () => {
  test.each<[string, string[], number]>([
    ["help", ["--help"], 0],
    ["the version", ["--version"], 0],
    ["a completion script", ["completion", "bash"], 0],
    ["an unknown command", ["nope"], 2],
    ["an unknown option", ["status", "--nope"], 2],
    ["a wrong value", ["logs", "--lines", "many"], 2],
    ["a log that does not exist", ["logs", "nope"], 2],
    ["a pattern that is none", ["logs", "--grep", "("], 2],
    ["a time limit that is none", ["status", "--timeout", "0"], 2],
    ["a missing argument", ["restore", "latest"], 2],
    ["an address that is none", ["maintenance", "on", "--allow", "office"], 2],
    ["a page that does not exist", ["maintenance", "on", "--page", "/nowhere"], 2],
    ["a stack file that does not exist", ["status", "--config-file", "/nowhere"], 2],
    ["an option that `pipeline init` does not have", ["pipeline", "init", "--nope"], 2],
  ])("%s", async (_, words, code) => {
    const ended = await ops(...words);
    expect(ended.code).toBe(code);
    expect(ended.output).not.toContain(escape);
  });

  test.each(Object.entries(onServer))(
    "1 when the server cannot be reached, with a cause and without colours: %s",
    async (name, words) => {
      const ended = await ops("--config-file", closedStack(), ...words);
      expect(ended.code).toBe(name === "exec" ? 255 : 1);
      expect(ended.output).toMatch(/ECONNREFUSED|connect to|Connection refused|agent/);
      expect(ended.output).not.toContain(escape);
    },
    20_000,
  );

  test("with --json, status and doctor print one JSON object of a server that cannot be reached", async () => {
    const file = closedStack();
    const [status, doctor] = await Promise.all(
      ["status", "doctor"].map((command) => ops("--config-file", file, command, "--json")),
    );
    expect(JSON.parse(status?.output ?? "")).toMatchObject({ app: "app", good: false, imageTag: null });
    expect(JSON.parse(doctor?.output ?? "")).toContainEqual(expect.objectContaining({ check: "server", ok: false }));
  }, 20_000);
});

test("a command loads neither the engine's library, nor that of GitHub's secrets, nor the prompts", async () => {
  const script = `require(${JSON.stringify(join(repositoryRoot, "dist/ops/program.js"))}); console.log(Object.keys(require.cache).join("\\n"))`;
  const { stdout: loaded } = await promisify(execFile)(process.execPath, ["--eval", script]);
  expect(loaded).toContain("node_modules/commander/");
  expect(loaded).not.toMatch(/node_modules\/(@pulumi\/pulumi|libsodium|@clack)/);
});
