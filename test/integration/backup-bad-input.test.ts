import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupSandbox, makeTable } from "../../rehearsal/driver/backup-sandbox";

const execute = promisify(execFile);

let host: BackupSandbox;
beforeAll(async () => {
  host = await BackupSandbox.start();
  await host.node(makeTable("items", 50));
});
afterAll(() => {
  host.close();
});

/** What the failed script said. */
async function refused(...run: Parameters<BackupSandbox["run"]>): Promise<string> {
  const { code, stderr } = await host.run(...run);
  expect(code, stderr).not.toBe(0);
  return stderr;
}

const backup = (extra: Readonly<Record<string, string>> = {}): Promise<string> => refused("backup", ["daily"], extra);

describe("backup.sh", () => {
  test("a wrong key, a revoked one, one that may not write, and a wrong bucket are failures that say so", async () => {
    const wrongKey = await backup({ B2_APP_KEY: "K001nothing" });
    expect(wrongKey).toContain("The applicationKeyId and/or the applicationKey are wrong");
    expect(wrongKey).toContain("Was the key revoked? pulumi up --refresh makes a new one");
    expect(wrongKey).not.toContain("K001nothing");
    const { keyId, key, revoke } = await host.otherKey(["listBuckets", "listFiles", "readFiles"]);
    expect(await backup({ B2_KEY_ID: keyId, B2_APP_KEY: key })).toContain("the key lacks the capability writeFiles");
    await revoke();
    expect(await backup({ B2_KEY_ID: keyId, B2_APP_KEY: key })).toContain("unauthorized");
    expect(await backup({ B2_BUCKET: "somebody-elses" })).toContain("you must use bucket(s)");
    expect(await host.objects()).toEqual([]);
    expect(host.lastRun()).toMatchObject({ status: "failed", step: "checking" });
  });

  test("a clock that is wrong is told with by how much", async () => {
    await host.tell("clock", { aheadMilliseconds: 3_600_000 });
    expect(await backup()).toContain("this host's clock is -60 minutes off Backblaze's: set it");
    await host.tell("clock", { aheadMilliseconds: 0 });
  });

  test("an address where nobody answers is told", async () => {
    expect(await backup({ B2_ENDPOINT: "http://127.0.0.1:9" })).toContain(
      "no answer from http://127.0.0.1:9, see above: check the network and the endpoint",
    );
  });

  test("a folder without a table, and none at all, are no backup", async () => {
    const other = await BackupSandbox.start();
    expect((await other.run("backup", ["daily"])).stderr).toContain("there is no table: a backup of nothing is none");
    rmSync(other.database, { recursive: true });
    expect((await other.run("backup", ["daily"])).stderr).toContain(
      "lancedb does not exist: there is nothing to back up",
    );
    expect(await other.objects()).toEqual([]);
    other.close();
  });

  test("too little room for staging is told before anything is done", async () => {
    const other = await BackupSandbox.start({ megabytes: 40 });
    const { code, stderr } = await other.run("backup", ["daily"]);
    other.close();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/backups\/staging has \d\d MiB free and may need 64: make room on its disk/);
  });

  test("too little room for a restore is told before anything is downloaded", async () => {
    const other = await BackupSandbox.start({ megabytes: 200 });
    try {
      await other.node(makeTable("items", 50));
      writeFileSync(join(other.database, "file"), randomBytes(40 * 1024 * 1024));
      const made = await other.run("backup", ["daily"]);
      expect(made.code, made.stderr).toBe(0);
      const downloads = async (): Promise<number> =>
        (await other.log()).filter(({ body }) => body["fileName"]?.endsWith(".tar.zst")).length;
      const before = await downloads();
      expect(before).toBeGreaterThan(0);
      writeFileSync(join(other.disk, "filler"), Buffer.alloc(40 * 1024 * 1024));
      const { code, stderr } = await other.run("restore", ["in-place", "latest"]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/backups\/staging has \d+ MiB free and may need 144: make room on its disk/);
      expect(await downloads()).toBe(before);
    } finally {
      other.close();
    }
  });

  test("two at once: the second names the first", async () => {
    const runs = await Promise.all([host.run("backup", ["daily"]), host.run("backup", ["permanent"])]);
    const [second] = runs.filter(({ code }) => code !== 0);
    expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(second?.stderr).toMatch(/the backup lock of memoryloop is held by a (daily|permanent) backup since 20/);
  });

  test("a transfer may take ten minutes, the end of the process included", async () => {
    const words = join(host.root, "transfers");
    host.command("timeout", `echo "$*" >>${words}; PATH=$PATH:$REAL_PATH exec /usr/bin/timeout "$@"`);
    const { code, stderr } = await host.run("backup", ["daily"]);
    host.withdraw("timeout");
    expect(code, stderr).toBe(0);
    const transfers = readFileSync(words, "utf8").match(/^.* rclone (copyto .*archive|cat).*$/gm) ?? [];
    expect(transfers).toHaveLength(2);
    for (const line of transfers) expect(line).toMatch(/^--kill-after=10 590 rclone /);
  });
});

describe("data on a file system of its own", () => {
  test("is backed up, drilled and looked at; a restore in its place is refused before anything is done", async () => {
    const other = await BackupSandbox.start();
    await execute("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", other.database]);
    try {
      await other.node(makeTable("items", 50));
      const made = await other.run("backup", ["daily"]);
      expect(made.code, made.stderr).toBe(0);
      const drilled = await other.run("restore", ["drill", "latest"]);
      expect(drilled.code, drilled.stderr).toBe(0);
      expect(JSON.parse((await other.run("doctor")).stdout)).toMatchObject([{ table: "items", readable: true }]);
      const { code, stderr } = await other.run("restore", ["in-place", "latest"]);
      expect(code).not.toBe(0);
      expect(stderr).toContain("is a mount of its own, and cannot be swapped by a rename: restore --to a folder");
      expect(other.leftovers()).toEqual([]);
    } finally {
      await execute("umount", [other.database]);
      other.close();
    }
  });
});

describe("watch.sh", () => {
  test("an alert that is too long for Discord is cut, and Slack gets all of it", async () => {
    const notes = join(host.root, "var/lib/memoryloop/backups");
    const drill = { status: "failed", error: "x".repeat(5000), completedAt: new Date().toISOString() };
    writeFileSync(join(notes, "last-drill.json"), JSON.stringify(drill));
    const { code, stderr } = await host.run("watch");
    rmSync(join(notes, "last-drill.json"));
    expect(code, stderr).toBe(0);
    const [alert] = (await host.log()).filter(({ operation }) => operation === "alert");
    expect(alert?.body["content"]).toHaveLength(2000);
    expect(alert?.body["text"]?.length).toBeGreaterThan(5000);
    expect(alert?.body["text"]).toContain("the drill failed: the newest backup may not restore. Error: xxx");
  });

  test("one that the webhook does not take is told again at the next look", async () => {
    const notes = join(host.root, "var/lib/memoryloop/backups");
    writeFileSync(join(notes, "last-drill.json"), JSON.stringify({ status: "failed", error: "no answer" }));
    rmSync(join(notes, "alerted-drill"), { force: true });
    expect(await refused("watch", [], { ALERT_WEBHOOK: "http://127.0.0.1:9" })).toContain(
      "the alert webhook did not take the message",
    );
    const told = (await host.log()).filter(({ operation }) => operation === "alert").length;
    expect((await host.run("watch")).code).toBe(0);
    expect((await host.log()).filter(({ operation }) => operation === "alert")).toHaveLength(told + 1);
    rmSync(join(notes, "last-drill.json"));
  });
});

describe("restore.sh", () => {
  beforeAll(async () => {
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code, stderr).toBe(0);
  });

  test("an unknown id is told with those there are", async () => {
    const said = await refused("restore", ["drill", "backup-20200101"]);
    expect(said).toMatch(/there is no verified backup backup-20200101; there are: backup-\d{8}T\d{6}Z-[0-9a-f]{8}/);
  });

  test("an archive that is corrupt is told, and nothing of it is unpacked", async () => {
    const { stdout } = await host.run("restore", ["drill", "latest"]);
    const { location } = (JSON.parse(stdout) as { backup: { location: string } }).backup;
    await host.corrupt(location.replace("memoryloop-backups/", ""));
    const impatient = { RCLONE_LOW_LEVEL_RETRIES: "1", RCLONE_RETRIES: "1" };
    const said = await refused("restore", ["drill", "latest"], impatient);
    expect(said).toContain("corrupted on transfer");
    expect(host.leftovers()).toEqual([]);
  });

  test("a folder that is there is not written to", async () => {
    const target = join(host.root, "there");
    writeFileSync(target, "");
    expect(await refused("restore", ["to", "latest", target])).toContain("exists: name a folder that does not");
  });
});
