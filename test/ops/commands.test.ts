import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pLimit from "p-limit";
import type { Command } from "commander";
import { afterAll, describe, expect, test, vi } from "vitest";
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
  readonly stdout: string;
  readonly stderr: string;
}

/** The cause that a command names when nothing answers. `rename` asks the engine first, which may not be installed. */
const says =
  /ECONNREFUSED|refuses connections|connect to|Connection refused|agent|fetch failed|there is no terminal|start pulumi|no stack named|pulumi login/;

const limit = pLimit(2);
const ops = (...words: string[]): Promise<Ended> =>
  limit(
    () =>
      new Promise((resolve) => {
        const { PATH } = process.env;
        const away = { SSH_AUTH_SOCK: "/nowhere", GITHUB_API_URL: "http://127.0.0.1:1", GITHUB_TOKEN: "none" };
        const options = { cwd: folder, env: { PATH, FORCE_COLOR: "1", ...away } };
        execFile(process.execPath, [compiled, ...words], options, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      }),
  );

const pathOf = (command: (typeof program.commands)[number]): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

const escape = "\x1b";

/** The exit code of ops in this process, with the words. */
async function exitCodeOf(command: Command, words: readonly string[]): Promise<number> {
  const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(String(code));
  });
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  const ended = await program.parseAsync([...words], { from: "user" }).then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
  exit.mockRestore();
  return Number(ended);
}

describe("every command", () => {
  test.each(allCommands(program).map((command) => [pathOf(command).join(" ") || "ops", command] as const))(
    "%s explains itself, without colours; the exit code is 0 for --help and 2 for an unknown option",
    async (_, command) => {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toMatch(/^Usage: ops/);
      expect(help).toContain(
        "Exit codes: 0 good, 1 the command failed or found a problem, 2 it was used in a wrong way.",
      );
      expect(command.description()).not.toBe("");
      expect(help).not.toContain(escape);
      expect(await exitCodeOf(command, [...pathOf(command), "--help"])).toBe(0);
      expect(await exitCodeOf(command, [...pathOf(command), "--nope"])).toBe(2);
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

/** Words that lead each command to its server, or to GitHub. A test fails when a command is not in the list. */
const ways: Readonly<Record<string, readonly string[]>> = {
  "alerts test": ["alerts", "test"],
  backup: ["backup"],
  "backup keep": ["backup", "keep", "latest"],
  completion: ["completion", "bash"],
  deploy: ["deploy", "b000002"],
  destroy: ["destroy"],
  doctor: ["doctor"],
  drill: ["drill"],
  exec: ["exec", "--", "true"],
  history: ["history", "deploy-1"],
  init: ["init", "--yes", "--server", "127.0.0.1:1"],
  logs: ["logs", "nginx"],
  "maintenance off": ["maintenance", "off"],
  "maintenance on": ["maintenance", "on", "--allow", "203.0.113.7"],
  "maintenance status": ["maintenance", "status"],
  "pipeline init": ["pipeline", "init", "--infra", "owner/app"],
  rename: ["rename", "other"],
  report: ["report", "--timeout", "5"],
  restore: ["restore", "latest", "--to", "/srv/x"],
  rollback: ["rollback"],
  status: ["status"],
};

/** Exit codes without a server and without GitHub; the others end with 1. */
const otherCodes: Readonly<Record<string, number>> = { completion: 0, exec: 255 };

/** The paths of the commands that do something. A group, such as `maintenance`, only has commands. */
const paths = allCommands(program)
  .filter((command) => command.commands.length === 0 || command.name() === "backup")
  .map((command) => pathOf(command).join(" "));

test("the list has every command", () => {
  expect(Object.keys(ways)).toEqual(paths.toSorted());
});

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
    expect(ended.stdout + ended.stderr).not.toContain(escape);
  });

  test.each(Object.entries(ways))(
    "%s ends as documented where nothing answers, with a cause; JSON or nothing with --json, never colours",
    async (name, words) => {
      const file = closedStack();
      const [plain, json] = await Promise.all([
        ops("--config-file", file, ...words),
        ops("--json", "--config-file", file, ...words),
      ]);
      const code = otherCodes[name] ?? 1;
      expect([plain.code, json.code]).toEqual([code, code]);
      if (code !== 0) expect(plain.stdout + plain.stderr).toMatch(says);
      expect(() => JSON.parse(json.stdout || "{}") as unknown).not.toThrow();
      for (const { stdout, stderr } of [plain, json]) expect(stdout + stderr).not.toContain(escape);
    },
    60_000,
  );

  test("with --json, status and doctor print one JSON object of a server that cannot be reached", async () => {
    const file = closedStack();
    const [status, doctor] = await Promise.all(
      ["status", "doctor"].map((command) => ops("--config-file", file, command, "--json")),
    );
    expect(JSON.parse(status?.stdout ?? "")).toMatchObject({ app: "app", good: false, imageTag: null });
    expect(JSON.parse(doctor?.stdout ?? "")).toContainEqual(expect.objectContaining({ check: "server", ok: false }));
  }, 20_000);
});

test("a command loads neither the engine's library, nor that of GitHub's secrets, nor the prompts", async () => {
  const script = `require(${JSON.stringify(join(repositoryRoot, "dist/ops/program.js"))}); console.log(Object.keys(require.cache).join("\\n"))`;
  const { stdout: loaded } = await promisify(execFile)(process.execPath, ["--eval", script]);
  expect(loaded).toContain("node_modules/commander/");
  expect(loaded).not.toMatch(/node_modules\/(@pulumi\/pulumi|libsodium|@clack)/);
});
