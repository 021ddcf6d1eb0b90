import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../repository";
import { keysIn } from "../../rehearsal/world/keys";
import { run } from "../../rehearsal/world/run";
import { sshCommand } from "../../rehearsal/world/world";
import { leaks, type Secrets } from "../support/canary";
import { argumentsDuring } from "../support/process-arguments";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const [good, bad] = ["a0000aa", "bad0500"] as const;
/** Every secret of the configuration except NEXTAUTH_SECRET, which the program generates. */
const configuredSecrets = ["ANTHROPIC_API_KEY", "NEXT_PUBLIC_SENTRY_DSN", "SENTRY_DSN", "REGISTRY_TOKEN"];
/** The outputs with generated secrets, by the type of the resource. */
const generatedSecrets: Readonly<Record<string, readonly string[]>> = {
  "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
  "b2:index/applicationKey:ApplicationKey": ["applicationKey"],
};

const folder = mkdtempSync(join(tmpdir(), "canary-"));
const pluginOutput = join(folder, "plugin-output");
const draw = (): string => `canary/${randomBytes(18).toString("base64")}`;

let system: DeployedWorld;
let secrets: Record<string, string>;
let stack: { environment: NodeJS.ProcessEnv };
/** The output of each command, by a name for it. */
const shown: Record<string, string> = {};

async function plant(names: readonly string[]): Promise<void> {
  for (const name of names) {
    secrets[name] = draw();
    await system.pulumiRun(["config", "set", "--secret", name], { ...stack, stdin: secrets[name] });
  }
}

/** Runs the engine and keeps its output. It also records the output of the program's own plugin. */
async function note(name: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const caught = {
    NODE_OPTIONS: `--require ${join(repositoryRoot, "test/support/plugin-output.cjs")}`,
    PLUGIN_OUTPUT: pluginOutput,
  };
  const ended = await system.pulumiRun(words, { environment: { ...stack.environment, ...caught, ...environment } });
  shown[name] = ended.output;
  return ended.code;
}

const up = (tag: string, ...words: string[]) => [
  "up",
  "--yes",
  "--skip-preview",
  "--config",
  `imageTag=${tag}`,
  ...words,
];

interface Exported {
  readonly deployment: { readonly resources: readonly { type: string; outputs?: Record<string, unknown> }[] };
}

/** A secret in the output of `stack export --show-secrets`: it contains the value as JSON. */
const plaintext = (box: unknown): string => String(JSON.parse((box as { plaintext: string }).plaintext));

async function learnBorn(): Promise<void> {
  const { output } = await system.pulumiRun(["stack", "export", "--show-secrets"], stack);
  const { deployment } = JSON.parse(output) as Exported;
  for (const { type, outputs } of deployment.resources)
    for (const name of generatedSecrets[type] ?? []) secrets[`${type}.${name}`] = plaintext(outputs?.[name]);
  shown["inputs, opened"] = output;
}

function filesBelow(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

/** Files of the VPS that contain a secret in plain text. The patterns go through standard input, because the test searches arguments too. */
async function filesOnVps(patterns: Secrets): Promise<string[]> {
  const folders = "/etc /opt /root /run/lock /tmp /usr/local /var/lib/memoryloop /var/lib/vps-plugin /var/log";
  const command = `grep --recursive --files-with-matches --text --fixed-strings --file=- ${folders} 2>/dev/null || true`;
  const input = Object.values(patterns).join("\n");
  return (await run([...sshCommand(system.world), command], { seconds: 120, input }))
    .split("\n")
    .filter(Boolean)
    .sort();
}

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([system.release(good), system.release(bad, "health-500")]);
  // Everything is created again, so that the test watches the creation of every secret.
  const destroyed = await system.pulumiRun(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
  expect(destroyed.code, destroyed.output).toBe(0);
  const { environment } = system.otherCheckout({ "image.username": "someone" });
  stack = { environment: { ...environment } };
  secrets = {};
  await plant(configuredSecrets);
  shown["process arguments on the VPS"] = await argumentsDuring(sshCommand(system.world), async () => {
    shown["process arguments here"] = await argumentsDuring([], () => note("up", up(good)));
  });
  await learnBorn();
});

describe("the scan", () => {
  test("finds the value of every secret", () => {
    expect(Object.keys(secrets).sort()).toEqual(
      [
        ...configuredSecrets,
        "b2:index/applicationKey:ApplicationKey.applicationKey",
        "random:index/randomPassword:RandomPassword.bcryptHash",
        "random:index/randomPassword:RandomPassword.result",
      ].sort(),
    );
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(20);
  });

  test("finds a planted secret: in a state, on the server, in the arguments of a process", async () => {
    const token = { REGISTRY_TOKEN: secrets["REGISTRY_TOKEN"] ?? "" };
    writeFileSync(join(folder, "state.json"), JSON.stringify({ inputs: { password: token.REGISTRY_TOKEN } }));
    expect(leaks(filesBelow(folder), secrets)).toEqual(["REGISTRY_TOKEN"]);
    rmSync(join(folder, "state.json"));
    await run([...sshCommand(system.world), "cat >/opt/memoryloop/logs/planted"], {
      seconds: 20,
      input: token.REGISTRY_TOKEN,
    });
    expect(await filesOnVps(token)).toEqual(["/opt/memoryloop/logs/planted"]);
    await system.onVps("rm /opt/memoryloop/logs/planted");
    const lines = await argumentsDuring(sshCommand(system.world), () =>
      system.onVps(`sleep 1; true ${token.REGISTRY_TOKEN}`),
    );
    expect(leaks(lines, secrets)).toEqual(["REGISTRY_TOKEN"]);
  });
});

describe("no secret is in plain text", () => {
  test("in the state, in its history and in its backups", () => {
    const { stateFolder } = system.pulumi.settings;
    expect(existsSync(join(stateFolder, ".pulumi", "stacks"))).toBe(true);
    expect(leaks(filesBelow(stateFolder), secrets)).toEqual([]);
  });

  test("on the server, except in the files for secrets; never in the journal", async () => {
    const release = await system.onVps("basename $(readlink /opt/memoryloop/config/.env.production)");
    expect(await filesOnVps(secrets)).toEqual(
      ["/opt/memoryloop/config/backup.env", `/opt/memoryloop/config/releases/${release}`].sort(),
    );
    const input = Object.values(secrets).join("\n");
    const command = "grep --count --text --fixed-strings --file=- <(journalctl --no-pager --output=verbose) || true";
    expect(await run([...sshCommand(system.world), command], { seconds: 120, input })).toBe("0\n");
  });

  test("in the arguments of a process on this machine or on the VPS, during a deployment", () => {
    // This proves that the search ran on each machine.
    expect(shown["process arguments here"]).toContain("pulumi up");
    expect(shown["process arguments on the VPS"]).toContain("ssh/session.sh");
    expect(leaks(shown["process arguments here"] ?? "", secrets)).toEqual([]);
    expect(leaks(shown["process arguments on the VPS"] ?? "", secrets)).toEqual([]);
  });

  test("in the output of up, of a diff, of a failure and of the stack's outputs", async () => {
    const before = secrets["ANTHROPIC_API_KEY"] ?? "";
    await plant(["ANTHROPIC_API_KEY"]);
    await note("diff", ["preview", "--diff"]);
    expect(await note("failure", up(bad))).not.toBe(0);
    await note("outputs", ["stack", "output", "--json"]);
    await note("export", ["stack", "export"]);
    expect(shown["up"]).toContain("created");
    expect(shown["diff"]).toMatch(/ANTHROPIC_API_KEY|\[secret\]/);
    expect(shown["failure"]).toContain("answered 500, not 200");
    for (const name of ["up", "diff", "failure", "outputs", "export"])
      expect({ name, leaks: leaks(shown[name] ?? "", { ...secrets, before }) }).toEqual({ name, leaks: [] });
  });

  test("in the output of the program's plugin, at the highest verbosity", async () => {
    // The engine writes secrets into its own log at this verbosity. The test deletes it with this folder.
    expect(await note("verbose", [...up(good), "-v=9", "--logflow"], { TMPDIR: folder })).toBe(0);
    const text = readFileSync(pluginOutput, "utf8");
    expect(text).toMatch(/^\d+$/m);
    expect(leaks(text, secrets)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

test("no input contains the private key of the VPS", () => {
  const key = readFileSync(keysIn(system.world.folder).client, "utf8");
  const body = key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  expect(body.length).toBeGreaterThan(3);
  const opened = shown["inputs, opened"] ?? "";
  expect(opened).toContain("plaintext");
  for (const line of body) expect(opened).not.toContain(line);
  expect(opened).not.toContain("PRIVATE KEY");
});
