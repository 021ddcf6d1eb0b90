import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { copyStack } from "../../rehearsal/driver/stack-copy";
import { ensureEngine } from "../../rehearsal/engine/engine";
import { pulumiEnvironment } from "../../rehearsal/engine/pulumi-environment";
import { ensurePlugins } from "../../rehearsal/engine/pulumi-home";

// A stack file of an earlier version: the program refuses it, and the commands that it prints make it right.

const stackFile = `config:
  memoryloop-infra:app:
    name: shop
    domain: shop.example.com
    port: 3000
    uid: 1001
  memoryloop-infra:host:
    host: 203.0.113.7
    hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
  memoryloop-infra:image:
    repository: 127.0.0.1:9/owner/shop
    registry: http://127.0.0.1:9
  memoryloop-infra:certificate:
    email: ops@example.com
  memoryloop-infra:rollout:
    soakSeconds: 1
    gate:
      deadlineSeconds: 45
      criticalChecks: [database, queue]
  memoryloop-infra:environment:
    LOG_LEVEL: info
    GREETING: it's "quoted" and $HOME
    DASHED: -5
`;

let folder: string;
let environment: NodeJS.ProcessEnv;
let cwd: string;
let file: string;

/** Runs a command line as the operator does, in the folder of the checkout. */
const shell = (line: string): Promise<{ code: number; output: string }> =>
  new Promise((finished) => {
    execFile("bash", ["-c", line], { cwd, env: environment, timeout: 120_000 }, (error, stdout, stderr) => {
      finished({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });

async function succeed(line: string): Promise<void> {
  const { code, output } = await shell(line);
  expect(code, `${line}\n${output}`).toBe(0);
}

const preview = async (): Promise<string> =>
  (await shell("pulumi preview --non-interactive --color never -c imageTag=a0000aa")).output;

/** The commands of each `try:` in the output. */
const remedies = (output: string): string[] =>
  [...output.matchAll(/^ *try: (.*(?:\n {9,}pulumi .*)*)/gm)].flatMap(([, text = ""]) =>
    text.split(/\n\s*|; (?=pulumi )/).map((line) => line.trim()),
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "former-"));
  const from = join(folder, "former.yaml");
  writeFileSync(from, stackFile);
  const run = copyStack(folder, { project: "memoryloop-infra", stack: "former", from, values: {} });
  cwd = run.cwd ?? folder;
  file = join(cwd, "Pulumi.former.yaml");
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "passphrase"), "correct horse\n");
  const engine = await ensureEngine(() => undefined);
  const pulumiHome = join(folder, "home");
  await ensurePlugins(engine, pulumiHome, () => undefined);
  const settings = {
    ...{ engine, pulumiHome, stateFolder: join(folder, "state"), passphraseFile: join(folder, "passphrase") },
    ...{ sshAgentSocket: undefined, standIns: true },
  };
  const path = `${dirname(engine.binary)}:${process.env["PATH"] ?? ""}`;
  environment = { ...pulumiEnvironment(settings, process.env), PATH: path, ...run.environment };
  delete environment["PULUMI_OPTION_CONFIG_FILE"];
  await succeed("pulumi stack init organization/memoryloop-infra/former");
  for (const name of ["API_KEY", "NEXT_PUBLIC_DSN"]) await succeed(`echo hush | pulumi config set --secret ${name}`);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("the commands that the program prints for an old stack file make a file that the program reads", async () => {
  const refused = await preview();
  expect(refused).toContain("the configuration of stack former has 3 problem(s)");
  const commands = remedies(refused);
  expect(commands).toContain("pulumi config rm environment");
  for (const command of commands) await succeed(command);
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  expect(config).toMatchObject({
    "memoryloop-infra:app": { user: 1001, writable: { "/app/.next/cache": "256m" } },
    "memoryloop-infra:rollout": { soakSeconds: 1 },
    "memoryloop-infra:health": {
      ...{ deadlineSeconds: 45, critical: ["database", "queue"] },
      command: ["node", "--eval", expect.stringContaining("127.0.0.1:3000") as string],
    },
    "memoryloop-infra:variables": {
      NODE_ENV: { default: "production" },
      NEXTAUTH_URL: { default: "https://shop.example.com" },
      NEXTAUTH_SECRET: { secret: true, generate: true },
      GREETING: { default: `it's "quoted" and $HOME` },
      DASHED: { default: -5 },
      API_KEY: { secret: true },
      NEXT_PUBLIC_DSN: { scope: "both" },
    },
  });
  expect(config).not.toHaveProperty("memoryloop-infra:environment");
  const read = await preview();
  expect(read).not.toContain("the configuration of stack");
  // It came to the next step: the registry that this test does not have.
  expect(read).toContain("127.0.0.1:9");
});
