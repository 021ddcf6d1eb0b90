import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BackupCommands } from "../../host/backup/backup-commands";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { readStack } from "../../ops/stack";
import { DeployedWorld, type Ended } from "../../rehearsal/driver/deployed-world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { byHand, type PulumiRun } from "../../rehearsal/pulumi";
import { builtAssets } from "../../rehearsal/release/release";
import { removeWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { readServerState, stateDifferences } from "../support/server-state";

// `ops rename` of a deployed app, under load. The site of the former name is the first one that nginx reads in the rename
// to `notes`, and the second one in the rename to `diary`.

const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "rename-test" };
const tag = "a0000aa";
const previousTag = "b0000aa";

/** The engine's default, which nothing here may write: the stack has its file elsewhere. */
const otherStackFile = join(repositoryRoot, "Pulumi.rehearsal.yaml");

let system: DeployedWorld;
let run: PulumiRun;
let stackFile: string;
const shells: SshShell[] = [];

beforeAll(async () => {
  rmSync(otherStackFile, { force: true });
  await removeWorld(options, quietly);
  system = await DeployedWorld.open(options.suffix);
  run = system.otherCheckout();
  stackFile = run.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? "";
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  await system.release(previousTag);
  await system.release(tag);
  await system.deploy(previousTag, run);
  await system.deploy(tag, run);
});
afterAll(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  await removeWorld(options, quietly);
});

/** The backups of the app under its present name. */
function backups(): BackupCommands {
  const { connection, app } = readStack("rehearsal", stackFile);
  const shell = pooledShells()(connection);
  shells.push(shell);
  return new BackupCommands(shell, app.name);
}

/** Starts `ops rename` in a process group of its own. */
function start(words: readonly string[], variables: Record<string, string> = {}) {
  const { environment, stack } = byHand(system.pulumi);
  const line = ["dist/ops.cjs", "--stack", stack, "--config-file", stackFile, "rename", ...words];
  const env = { ...environment, ...variables };
  const child = spawn(process.execPath, line, { cwd: repositoryRoot, env, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const at = (event: "close" | "exit") =>
    new Promise<Ended>((resolve) => {
      child.once(event, (code: number | null) => {
        resolve({ code: code ?? -1, output });
      });
    });
  // Processes of a killed engine can hold its output for a while, which delays `close`.
  return { killed: at("exit"), group: -(child.pid ?? 0), ended: at("close") };
}

async function rename(...words: string[]): Promise<string> {
  const { code, output } = await start(words).ended;
  expect(code, output).toBe(0);
  return output;
}

/** Kills a rename, its engine and its plugins when the rollout of its update has reached a step. */
async function renameKilledAt(step: string, ...words: string[]): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "hold-")), "held");
  const { group, killed } = start(words, { VPS_BREAKPOINT: step, VPS_BREAKPOINT_FILE: file });
  const end = killed.then(({ output }) => output);
  for (let tries = 0; !existsSync(file); tries++) {
    if (tries === 1200) throw new Error(`the rollout did not reach ${step}:\n${await end}`);
    await sleep(100);
  }
  process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  process.kill(group, "SIGKILL");
  await end;
  await system.pulumiRun(["cancel", "--yes"], run);
}

function expectNothingLost(load: LoadReport): void {
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200"]);
  expect(load.sent).toBe(load.answered);
  expect(load.sent).toBeGreaterThan(500);
}

const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  system.underLoad({ clients: 15, pauseMs: 40 }, work);

/** The parts of the server that still have a name: files, units, containers, networks, rules of the firewall. */
const remainsOf = (app: string): Promise<string> =>
  system.onVps(
    [
      `ls -d /opt/${app} /var/lib/${app} /usr/local/lib/${app}* /var/lib/vps-plugin/sets/*@${app} 2>/dev/null`,
      `ls /etc/nginx/sites-enabled /etc/nginx/sites-available /etc/nftables.d/vps | grep ${app}`,
      `systemctl list-unit-files --no-legend '${app}*'`,
      `systemctl list-units --no-legend --plain --all '${app}*'`,
      `docker ps --all --quiet --filter label=app=${app}`,
      `docker network ls --quiet --filter label=app=${app}`,
      `nft list table inet vps | grep ${app}`,
    ].join("; ") + "; true",
  );

const serial = (domain: string): Promise<string> =>
  system.onVps(
    `openssl s_client -connect 127.0.0.1:443 -servername ${domain} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
  );

async function expectNothingToDo(): Promise<void> {
  const { code, output } = await system.up(undefined, { ...run, extraWords: ["--expect-no-changes", "--diff"] });
  expect(code, output).toBe(0);
}

test("a rename that cannot be done is refused, and nothing changes", async () => {
  await system.onVps("mkdir /opt/taken");
  const before = await system.onVps(readServerState);
  const file = readFileSync(stackFile, "utf8");
  const { code, output } = await start(["taken"]).ended;
  expect(code).toBe(1);
  expect(output).toContain("/opt/taken exists on this server: choose another name, or move it away");
  const wrong = await start(["Not-A-Name"]).ended;
  expect(wrong.code).toBe(2);
  expect(readFileSync(stackFile, "utf8")).toBe(file);
  expect(stateDifferences(before, await system.onVps(readServerState))).toEqual([]);
  await system.onVps("rmdir /opt/taken");
});

test("a rename moves data, backups, history and certificate, and loses no request", async () => {
  await system.addItem("before the rename");
  await backups().backup("daily");
  const rows = await system.countItems();
  const certificate = await serial(system.world.domain);
  const identity = await system.onVps("cat /opt/memoryloop/identity");
  const load = await underLoad(async () => {
    expect(await rename("notes")).toContain("memoryloop is notes now");
  });
  expectNothingLost(load);
  expect(await system.countItems()).toBe(rows);
  expect(await serial(system.world.domain)).toBe(certificate);
  expect(await system.onVps("cat /opt/notes/identity")).toBe(identity);
  expect(await remainsOf("memoryloop")).toBe("");
  expect(await system.onVps("ls /var/lib/notes/deployments | wc -l")).toBe("3");
  expect(existsSync(otherStackFile)).toBe(false);
  await expectNothingToDo();
});

test("a page of the release before the rename still gets its files", async () => {
  const [name, content] = Object.entries(builtAssets(previousTag)).find(([, text]) => text.includes(previousTag)) ?? [];
  expect(await system.get(`/_next/static/${name ?? ""}`)).toMatchObject({ status: 200, body: content });
});

test("the backups of the former name restore under the new one, and new ones join them", async () => {
  await system.addItem("after the rename");
  const rows = await system.countItems();
  await backups().restoreInPlace("latest");
  expect(await system.countItems()).toBe(rows - 1);
  await backups().backup("permanent");
  const { backups: all } = await backups().list();
  const identity = await system.onVps("head -c 8 /opt/notes/identity");
  expect(all?.length).toBeGreaterThanOrEqual(2);
  expect(all?.filter(({ location }) => !location.includes(identity))).toEqual([]);
});

test("a rename that is killed before its release serves continues, and loses no request", async () => {
  const rows = await system.countItems();
  const load = await underLoad(async () => {
    await renameKilledAt("gate", "diary");
    expect(await rename("diary")).toContain("notes is diary now");
  });
  expectNothingLost(load);
  expect(await system.countItems()).toBe(rows);
  expect(await remainsOf("notes")).toBe("");
  await expectNothingToDo();
});

test("another domain: the present one is answered all the time, and leads to the new one", async () => {
  const former = system.world.domain;
  const load = await underLoad(async () => {
    await rename("diary", "--domain", "diary.test");
  });
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200", "308"]);
  const ask = (domain: string): Promise<string> =>
    system.onVps(
      `curl --silent --insecure --resolve ${domain}:443:127.0.0.1 --output /dev/null --write-out '%{http_code} %{redirect_url}' https://${domain}/api/health`,
    );
  expect(await ask("diary.test")).toBe("200");
  expect(await ask(former)).toBe("308 https://diary.test/api/health");
});
