import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { observe } from "../../host/rollout/commands";
import { BackupCommands as Backups } from "../../host/backup/backup-commands";
import { readStack } from "../../ops/stack";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { byHand, runPulumi, stackFile } from "../../rehearsal/pulumi";
import { ensureRclone } from "../../rehearsal/offline/rclone/rclone";
import { ensureSampleBase } from "../../rehearsal/release/sample-base";
import { docker } from "../../rehearsal/world/docker";
import { loseVps, removeWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const quietly = (): void => undefined;
const execute = promisify(execFile);
const options = { checkout: repositoryRoot, suffix: "backup-test" };

let system: DeployedWorld;
let shell: SshShell;
let backups: Backups;

async function open(): Promise<void> {
  system = await DeployedWorld.open(options.suffix);
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  const stack = readStack("rehearsal", stackFile(system.world));
  shell = pooledShells()(stack.connection);
  backups = new Backups(shell, stack.app.name);
}

beforeAll(async () => {
  await removeWorld(options, quietly);
  await open();
  await system.release("a000001");
  await system.deploy("a000001");
});
afterAll(async () => {
  await shell.close();
  await removeWorld(options, quietly);
});

/** Runs rclone on this machine with the server's key. */
async function rclone(words: readonly string[], bucket?: string): Promise<string> {
  const variables = parseEnv(await system.onVps("cat /opt/memoryloop/config/backup.env"));
  const archive = await ensureRclone(quietly);
  const binary = (await execute("find", [dirname(archive), "-name", "rclone", "-type", "f"])).stdout.trim();
  const environment = {
    RCLONE_CONFIG: "/dev/null",
    RCLONE_CONFIG_B2_TYPE: "b2",
    RCLONE_CONFIG_B2_ACCOUNT: variables["B2_KEY_ID"],
    RCLONE_CONFIG_B2_KEY: variables["B2_APP_KEY"],
    RCLONE_CONFIG_B2_ENDPOINT: variables["B2_ENDPOINT"],
    RCLONE_B2_HARD_DELETE: "true",
    RCLONE_LOW_LEVEL_RETRIES: "1",
    RCLONE_RETRIES: "1",
  };
  const place = words.map((word) => word.replace("BUCKET", bucket ?? variables["B2_BUCKET"] ?? ""));
  return (await execute(binary, place, { env: { ...process.env, ...environment } })).stdout;
}

const readItems = `
import { connect } from "@lancedb/lancedb";
const table = await (await connect("/data")).openTable("items");
console.log((await table.query().toArray()).length);`;

describe("ops backup", () => {
  test("is verified, and rclone, tar and LanceDB without our scripts read the same rows from it", async () => {
    await system.addItem("one");
    await system.addItem("two");
    const made = await backups.backup("daily");
    const rows = await system.countItems();
    expect(made).toMatchObject({ status: "success", tables: [{ name: "items", rows }] });
    const folder = mkdtempSync(join(tmpdir(), "memoryloop-restored-"));
    await rclone([
      "copyto",
      (made.record?.location ?? "").replace("memoryloop-backups/", "b2:BUCKET/"),
      join(folder, "archive.tar.zst"),
    ]);
    await execute("tar", ["--extract", "--zstd", "--file", join(folder, "archive.tar.zst"), "--directory", folder]);
    const mount = ["--mount", `type=bind,source=${folder},target=/data`, "--workdir", "/app", "--user", "0:0"];
    const words = ["--entrypoint", "node", await ensureSampleBase(quietly), "--input-type=module", "--eval", readItems];
    expect(Number(await docker(["run", "--rm", "--network", "none", ...mount, ...words]))).toBe(rows);
    rmSync(folder, { recursive: true });
  });

  test("`keep` makes a permanent copy that counts as a backup", async () => {
    const { record } = await backups.backup("daily");
    const kept = await backups.keep("latest");
    const location = record?.location.replace("/daily/", "/permanent/");
    expect(kept).toEqual({ ...record, location, retentionDays: 0 });
    expect((await backups.list()).backups).toContainEqual(kept);
  });

  test("the timers are on, and the dead-man's switch was called", async () => {
    expect((await backups.list()).timers).toEqual({ daily: true, drill: true });
    const { calls } = (await (await fetch(`${system.world.b2.endpoint}/emulator/log`)).json()) as {
      calls: { operation: string }[];
    };
    expect(calls.filter(({ operation }) => operation === "ping").length).toBeGreaterThan(0);
  });
});

describe("the server's key", () => {
  test("can hide, but neither delete nor read another bucket", async () => {
    const { record } = await backups.backup("daily");
    const object = (record?.location ?? "").replace("memoryloop-backups/", "b2:BUCKET/");
    await expect(rclone(["deletefile", object])).rejects.toThrow(/deleteFiles/);
    await expect(rclone(["lsjson", "b2:BUCKET"], "somebody-elses")).rejects.toThrow(/you must use bucket/);
  });

  test("and the master key appear in no state, log or process list", async () => {
    const variables = parseEnv(await system.onVps("cat /opt/memoryloop/config/backup.env"));
    const master = parseEnv(readFileSync(system.world.b2.masterKeyFile, "utf8"));
    const state = await runPulumi(system.pulumi, ["stack", "export"]);
    const seen = system.onVps("for n in $(seq 60); do ps -eo args; sleep 0.05; done");
    await backups.backup("daily");
    const journal = await system.onVps("journalctl --no-pager --output=cat");
    for (const secret of [variables["B2_APP_KEY"], master["B2_APPLICATION_KEY"]]) {
      expect(secret).toMatch(/^\w{20,}$/);
      for (const text of [state, journal, await seen]) expect(text.includes(secret ?? "")).toBe(false);
    }
    expect(await seen).toContain("rclone copyto");
  });
});

describe("ops restore", () => {
  test("in place restores the rows of the backup; the backup that it makes before contains the later rows", async () => {
    const before = await system.countItems();
    await backups.backup("permanent");
    await system.addItem("later");
    const { tables } = await backups.restoreInPlace("latest");
    expect(tables).toMatchObject([{ name: "items", rows: before }]);
    expect(await system.countItems()).toBe(before);
    expect((await backups.drill()).tables).toMatchObject([{ rows: before + 1 }]);
    expect((await backups.list()).drills.at(-1)).toMatchObject({ status: "success" });
    expect((await backups.list()).lastDrill).toMatchObject({
      status: "success",
      restored: { tables: [{ rows: before + 1 }] },
    });
  });

  test("fails for an unknown id, for a corrupt archive and during a rollout, and does not change the data", async () => {
    const before = await system.countItems();
    await expect(backups.restoreInPlace("backup-20200101")).rejects.toThrow(
      "there is no verified backup backup-20200101",
    );
    const corrupt = { faults: [{ operation: "b2_download_file", times: 99, fault: { kind: "corrupt" } }] };
    const admin = (body: object) =>
      fetch(`${system.world.b2.endpoint}/emulator/faults`, { method: "POST", body: JSON.stringify(body) });
    await admin(corrupt);
    await expect(backups.restoreInPlace("latest")).rejects.toThrow();
    await admin({ faults: [] });
    const lock = { path: "/run/memoryloop/rollout.lock", purpose: "rollout of memoryloop" };
    await shell.locked(lock, async (session) => {
      await session.run(observe("memoryloop"));
      await expect(backups.restoreInPlace("latest")).rejects.toThrow(
        /rollout lock .* is held by .*\(rollout of memoryloop\)/,
      );
    });
    expect(await system.countItems()).toBe(before);
  });

  test("is undone by the server at once if it is killed while the app is stopped", async () => {
    const before = await system.countItems();
    await system.addItem("after the backup");
    await system.onVps(`cat >/run/kill.sh <<'END'
set -o functrace
trap 'if [ "$BASH_COMMAND" = start_app ]; then kill -KILL $$; fi' DEBUG
END
systemd-run --wait --property=EnvironmentFile=/opt/memoryloop/config/backup.env --setenv=APP=memoryloop --setenv=BASH_ENV=/run/kill.sh \
  /usr/local/lib/memoryloop-backup/restore.sh in-place latest || true; rm /run/kill.sh`);
    await expect.poll(async () => (await system.health()).status, { timeout: 60_000 }).toBe(200);
    expect(await system.countItems()).toBe(before + 1);
    const { changeInterrupted, setAside } = await backups.list();
    expect(changeInterrupted).toBe(false);
    expect(setAside).toEqual([expect.stringMatching(/\/opt\/memoryloop\/data\/lancedb\.changed-/)]);
  });

  test("restores the data on a new server, and the site serves it", async () => {
    await system.addItem("outlives the VPS");
    const rows = await system.countItems();
    const { hostKey } = system.world.vps;
    const machine = await system.onVps("cat /etc/machine-id");
    await backups.backup("daily");
    await shell.close();
    await loseVps(system.world);
    const started = Date.now();
    await open();
    expect(system.world.vps.hostKey).not.toBe(hostKey);
    expect(await system.onVps("cat /etc/machine-id")).not.toBe(machine);
    const { code, output } = await system.up();
    expect(code).not.toBe(0);
    expect(output).toContain("does not have the app memoryloop: its data is on");
    await system.deploy(undefined, { extraWords: ["--config", "accept=host"] });
    expect(await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"])).toMatchObject({ code: 0 });
    expect(await system.countItems()).not.toBe(rows);
    await backups.restoreInPlace("latest");
    expect(await system.countItems()).toBe(rows);
    expect((await system.health()).status).toBe(200);
    console.info(`from nothing to a site with its data: ${(Date.now() - started) / 1000} s`);
  });
});

describe("ops doctor", () => {
  test("names a table whose newest manifest was lost in a power cut, and opens it at the newest version that can be read", async () => {
    await system.addItem("a last row");
    const rows = await system.countItems();
    const newest = "ls -t /opt/memoryloop/data/lancedb/items.lance/_versions/*.manifest | head -n 1";
    // A new, empty file: the snapshots hold hard links to the earlier one.
    await system.onVps(`file=$(${newest}) && rm "$file" && install -o 1001 -g 1001 -m 0644 /dev/null "$file"`);
    const [examined] = await backups.examine();
    expect(examined).toMatchObject({ table: "items", readable: false, newest: { rows: rows - 1 } });
    await expect(backups.backup("daily")).rejects.toThrow("the data cannot be read");
    await backups.setAside("items");
    expect(await backups.examine()).toMatchObject([{ table: "items", readable: true, newest: { rows: rows - 1 } }]);
    expect(await system.countItems()).toBe(rows - 1);
  });
});

describe("ops destroy", () => {
  test("keeps bucket, data and certificate, and names them", async () => {
    const { environment, stack } = byHand(system.pulumi);
    const words = ["dist/ops.cjs", "destroy", "--yes", "--stack", stack];
    const options = { cwd: repositoryRoot, env: { ...process.env, ...environment } };
    const { stdout } = await execute(process.execPath, words, options);
    expect(stdout).toContain("  the bucket memoryloop-backups with all backups");
    expect(await system.onVps("docker ps --all --quiet --filter label=app=memoryloop")).toBe("");
    expect(await system.onVps("ls /etc/nginx/sites-enabled")).not.toContain("memoryloop");
    expect(await system.onVps("systemctl list-timers --all --no-legend 'memoryloop-backup*'")).toBe("");
    expect(await system.onVps("ls -d /opt/memoryloop/* /var/lib/memoryloop/*")).toContain("/opt/memoryloop/data");
    expect(await system.onVps(`ls /etc/letsencrypt/live/${system.world.domain}`)).toContain("fullchain.pem");
    const { account } = (await (await fetch(`${system.world.b2.endpoint}/emulator/account`)).json()) as {
      account: { buckets: { bucketName: string }[]; keys: { keyName: string }[]; versions: object[] };
    };
    expect(account.buckets.map(({ bucketName }) => bucketName)).toEqual(["memoryloop-backups"]);
    expect(account.keys.map(({ keyName }) => keyName)).toEqual(["master"]);
    expect(account.versions).not.toEqual([]);
  });
});
