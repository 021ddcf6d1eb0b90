import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DeployedWorld, type Ended } from "../../rehearsal/driver/deployed-world";
import { PrivateSshd } from "../../rehearsal/test/conformance/support/private-sshd";
import { keysIn, publicKey } from "../../rehearsal/world/keys";
import { run } from "../../rehearsal/world/run";
import { removeWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

// A whole deployment through a jump host, as a sudo user, with an agent that has more keys than the server's MaxAuthTries:
// the program's own connection, the command plugin, the docker plugin, and `ops`.

const [first, second] = ["a0000aa", "b0000bb"] as const;
const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "jump-test" };
const otherKeys = 8;

let folder: string;
let agent: ChildProcess;
let jump: PrivateSshd;
let system: DeployedWorld;
let clientKey: string;

const agentSocket = (): string => join(folder, "agent");
const withAgent = () => ({ SSH_AUTH_SOCK: agentSocket() });

/** An agent in which the keys of the server and of the jump host come last. */
async function fillAgent(keys: readonly string[]): Promise<void> {
  agent = spawn("ssh-agent", ["-D", "-a", agentSocket()], { stdio: "ignore" });
  await vi.waitUntil(() => existsSync(agentSocket()), { timeout: 10_000 });
  const others = Array.from({ length: otherKeys }, (_, number) => join(folder, `other-${number}`));
  for (const file of others) await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], { seconds: 20 });
  await run(["ssh-add", "-q", ...others, ...keys], { seconds: 10, environment: withAgent() });
}

beforeAll(async () => {
  await removeWorld(options, quietly);
  folder = mkdtempSync(join(tmpdir(), "jump-"));
  jump = await PrivateSshd.start();
  system = await DeployedWorld.open(options.suffix, "sudo-user");
  clientKey = keysIn(system.world.folder).client;
  await fillAgent([clientKey, jump.clientKeyFile]);
  await system.release(first);
  await system.release(second);
});
afterAll(async () => {
  agent.kill();
  jump.stop();
  rmSync(folder, { recursive: true });
  await removeWorld(options, quietly);
});

/** Another checkout with these values, whose runs have the full agent. */
const through = (values: Readonly<Record<string, unknown>>): { environment: Record<string, string> } => ({
  environment: { ...(system.otherCheckout(values).environment as Record<string, string>), ...withAgent() },
});

const jumpHost = () => ({
  ...{ host: "127.0.0.1", port: jump.port, user: jump.user, hostKey: jump.hostKey },
  identity: publicKey(jump.clientKeyFile),
});

const everything = () => through({ "host.identity": publicKey(clientKey), "host.jump": jumpHost() });

const version = async (): Promise<unknown> => (await system.health()).body["version"];

function ops(...words: string[]): Promise<string> {
  const { environment } = everything();
  const file = environment["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", file];
  return run(line, {
    cwd: repositoryRoot,
    environment: { PATH: process.env["PATH"] ?? "", ...withAgent() },
    seconds: 120,
  });
}

async function refused(work: Promise<Ended>): Promise<string> {
  const { code, output } = await work;
  expect(code).not.toBe(0);
  return output;
}

test("without the identity, the update is refused and says which key settings are missing", async () => {
  const output = await refused(system.up(first, through({})));
  expect(output).toContain("MaxAuthTries");
  expect(output).toContain("pulumi config set --path host.identity");
});

test("an update deploys through the jump host with the named keys, and each connection takes it", async () => {
  const before = jump.logins();
  await system.deploy(first, everything());
  await system.deploy(second, everything());
  expect(await version()).toBe(second);
  expect(jump.logins() - before).toBeGreaterThanOrEqual(4);
  const { code, output } = await system.up(undefined, {
    ...everything(),
    extraWords: ["--refresh", "--expect-no-changes"],
  });
  expect(code, output).toBe(0);
});

test("ops rolls back and backs up through the jump host", async () => {
  await ops("rollback", "--now");
  expect(await version()).toBe(first);
  expect(await ops("backup")).toContain("verified");
});

test("the state has no path of this machine", async () => {
  // The connection is encrypted in the state, so it must be shown to be compared.
  const { output } = await system.pulumiRun(["stack", "export", "--show-secrets"], everything());
  expect(output).toContain("node_modules/.cache/agents/");
  expect(output).not.toContain(agentSocket());
});

test("a destroy goes the same way", async () => {
  await system.pulumiRun(["state", "unprotect", "--all", "--yes"], everything());
  await system.forget("b2:index/bucket:Bucket");
  const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview"], everything());
  expect(code, output).toBe(0);
  expect(await system.onVps("docker ps --all --quiet --filter label=app=memoryloop")).toBe("");
});
