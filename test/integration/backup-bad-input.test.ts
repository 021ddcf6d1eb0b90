import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
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

/** Runs a script that must fail, and returns its messages. */
async function refused(...run: Parameters<BackupSandbox["run"]>): Promise<string> {
  const { code, stderr } = await host.run(...run);
  expect(code, stderr).not.toBe(0);
  return stderr;
}

const backup = (extra: Readonly<Record<string, string>> = {}): Promise<string> => refused("backup", ["daily"], extra);

describe("backup.sh", () => {
  test("names the cause if the key is wrong, was revoked or must not write, and if the bucket is wrong", async () => {
    const wrongKey = await backup({ B2_APP_KEY: "K001nothing" });
    expect(wrongKey).toContain("The applicationKeyId and/or the applicationKey are wrong");
    expect(wrongKey).toContain("If the key was revoked, pulumi up --refresh makes a new one");
    expect(wrongKey).not.toContain("K001nothing");
    const { keyId, key, revoke } = await host.otherKey(["listBuckets", "listFiles", "readFiles"]);
    expect(await backup({ B2_KEY_ID: keyId, B2_APP_KEY: key })).toContain("the key lacks the capability writeFiles");
    await revoke();
    expect(await backup({ B2_KEY_ID: keyId, B2_APP_KEY: key })).toContain("unauthorized");
    expect(await backup({ B2_BUCKET: "somebody-elses" })).toContain("you must use bucket(s)");
    expect(await host.objects()).toEqual([]);
    expect(host.lastRun()).toMatchObject({ status: "failed", step: "checking" });
  });

  test("names the difference if the clock is wrong", async () => {
    await host.control("clock", { aheadMilliseconds: 3_600_000 });
    expect(await backup()).toContain("the clock of this server differs from Backblaze's by -60 minutes: set it");
    await host.control("clock", { aheadMilliseconds: 0 });
  });

  test("names an address that does not answer", async () => {
    expect(await backup({ B2_ENDPOINT: "http://127.0.0.1:9" })).toContain(
      "no answer from http://127.0.0.1:9, see above: check the network and the endpoint",
    );
  });

  test("makes no backup if the data directory has no table or is missing", async () => {
    const other = await BackupSandbox.start();
    expect((await other.run("backup", ["daily"])).stderr).toContain("no tables found; refusing to back up");
    rmSync(other.database, { recursive: true });
    expect((await other.run("backup", ["daily"])).stderr).toContain(
      "lancedb does not exist: there is nothing to back up",
    );
    expect(await other.objects()).toEqual([]);
    other.close();
  });

  test("refuses before the first step if the staging directory has too little room", async () => {
    const other = await BackupSandbox.start({ megabytes: 40 });
    const { code, stderr } = await other.run("backup", ["daily"]);
    other.close();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/backups\/staging has \d\d MiB free and may need 64: free some space on its disk/);
  });

  test("a restore refuses before the download if there is too little room", async () => {
    const other = await BackupSandbox.start({ megabytes: 200 });
    try {
      await other.node(makeTable("items", 50));
      other.write("file", randomBytes(40 * 1024 * 1024));
      const made = await other.run("backup", ["daily"]);
      expect(made.code, made.stderr).toBe(0);
      const downloads = async (): Promise<number> =>
        (await other.log()).filter(({ body }) => body["fileName"]?.endsWith(".tar.zst")).length;
      const before = await downloads();
      expect(before).toBeGreaterThan(0);
      writeFileSync(join(other.disk, "filler"), Buffer.alloc(40 * 1024 * 1024));
      const { code, stderr } = await other.run("restore", ["in-place", "latest"]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/backups\/staging has \d+ MiB free and may need 144: free some space on its disk/);
      expect(await downloads()).toBe(before);
    } finally {
      other.close();
    }
  });

  test("the second of two runs names the first", async () => {
    const runs = await Promise.all([host.run("backup", ["daily"]), host.run("backup", ["permanent"])]);
    const [second] = runs.filter(({ code }) => code !== 0);
    expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(second?.stderr).toMatch(/the backup lock of memoryloop is held by a (daily|permanent) backup since 20/);
  });

  test("the time limit of a transfer is ten minutes; it includes the stop of the process", async () => {
    const words = join(host.root, "transfers");
    host.command("timeout", `echo "$*" >>${words}; PATH=$PATH:$REAL_PATH exec /usr/bin/timeout "$@"`);
    const { code, stderr } = await host.run("backup", ["daily"]);
    host.restoreCommand("timeout");
    expect(code, stderr).toBe(0);
    const transfers = readFileSync(words, "utf8").match(/^.* rclone (copyto .*archive|cat).*$/gm) ?? [];
    expect(transfers).toHaveLength(2);
    for (const line of transfers) expect(line).toMatch(/^--kill-after=10 590 rclone /);
  });
});

describe("data that contains something other than files and directories", () => {
  let other: BackupSandbox;
  beforeEach(async () => {
    other = await BackupSandbox.start();
    await other.node(makeTable("items", 5));
  });
  afterEach(() => {
    other.close();
  });

  const odd: Readonly<Record<string, (path: string) => unknown>> = {
    "a link to a file": (path) => {
      symlinkSync("/etc/passwd", path);
    },
    "a link to a directory": (path) => {
      symlinkSync("/etc", path);
    },
    "a pipe": (path) => execute("mkfifo", [path]),
  };
  test.each(Object.keys(odd))("is not backed up, and %s is named", async (kind) => {
    await odd[kind]?.(join(other.database, "items.lance/odd"));
    const { code, stderr } = await other.run("backup", ["daily"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("lancedb/items.lance/odd is a link or a special file");
    expect(await other.objects()).toEqual([]);
    expect(other.leftovers()).toEqual([]);
  });

  test("is not backed up if the database itself is a link", async () => {
    renameSync(other.database, `${other.database}-moved`);
    symlinkSync(`${other.database}-moved`, other.database);
    expect((await other.run("backup", ["daily"])).stderr).toContain("lancedb is a link: it must be a directory");
  });
});

describe("a database directory that is a separate mount", () => {
  test("backup, drill and doctor work; a restore in place is refused before the download", async () => {
    const other = await BackupSandbox.start();
    await execute("mount", ["-t", "tmpfs", "-o", "size=64m,uid=1001,gid=1001", "tmpfs", other.database]);
    try {
      await other.node(makeTable("items", 50));
      const made = await other.run("backup", ["daily"]);
      expect(made.code, made.stderr).toBe(0);
      const drilled = await other.run("restore", ["drill", "latest"]);
      expect(drilled.code, drilled.stderr).toBe(0);
      expect(JSON.parse((await other.run("doctor")).stdout)).toMatchObject([{ table: "items", readable: true }]);
      const { code, stderr } = await other.run("restore", ["in-place", "latest"]);
      expect(code).not.toBe(0);
      expect(stderr).toContain("is a mount of its own, and a rename cannot replace it: restore --to a directory");
      expect(other.leftovers()).toEqual([]);
    } finally {
      await execute("umount", [other.database]);
      other.close();
    }
  });
});

describe("restore.sh", () => {
  beforeAll(async () => {
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code, stderr).toBe(0);
  });

  test("names the existing backups if the id is unknown", async () => {
    const said = await refused("restore", ["drill", "backup-20200101"]);
    expect(said).toMatch(/there is no verified backup backup-20200101; there are: backup-\d{8}T\d{6}Z-[0-9a-f]{8}/);
  });

  test("refuses a corrupt archive and unpacks nothing of it", async () => {
    const { stdout } = await host.run("restore", ["drill", "latest"]);
    const { location } = (JSON.parse(stdout) as { backup: { location: string } }).backup;
    await host.corrupt(location.replace("memoryloop-backups/", ""));
    const impatient = { RCLONE_LOW_LEVEL_RETRIES: "1", RCLONE_RETRIES: "1" };
    const said = await refused("restore", ["drill", "latest"], impatient);
    expect(said).toContain("corrupted on transfer");
    expect(host.leftovers()).toEqual([]);
  });

  /** Puts an archive into the bucket that looks like a verified backup. The shell lines create its content in a directory. */
  const plant = (name: string, lines: string): Promise<void> =>
    host.shell(`set -euo pipefail; umask 022; work=$(mktemp -d); cd "$work"; mkdir content; cd content; ${lines}
zstd --quiet <"$work/archive" >"$work/archive.zst"
rclone copyto "$work/archive.zst" "b2:$B2_BUCKET/permanent/${name}.tar.zst"
jq --null-input --arg sum "$(sha256sum <"$work/archive.zst" | cut -d ' ' -f 1)" '{id: "backup-20200101", createdAt: "2020-01-01T00:00:00Z",
  sizeBytes: 1000, location: "memoryloop-backups/permanent/${name}.tar.zst", checksum: $sum, retentionDays: 0}' |
  rclone rcat "b2:$B2_BUCKET/permanent/${name}.json"; rm -r "$work"`);

  const hostile: Readonly<Record<string, string>> = {
    "a symbolic link": 'ln -s /etc link; tar -cf "$work/archive" .',
    "a file through a link":
      'ln -s /tmp link; touch file; tar --transform "s,file,link/file," -cf "$work/archive" link file',
    // The sandbox must not create a device, so the test uses a device of this machine.
    "a device": 'tar --directory /dev -cf "$work/archive" null',
    "a pipe": 'mkfifo pipe; tar -cf "$work/archive" .',
    "an absolute path": 'touch file; tar --absolute-names --transform "s,file,/tmp/file," -cf "$work/archive" file',
    "a path outside": 'touch file; tar --absolute-names --transform "s,file,a/../../file," -cf "$work/archive" file',
    "a hard link to a path outside":
      'touch a; ln a b; tar --absolute-names --transform "flags=h;s,a,/etc/passwd," -cf "$work/archive" a b',
  };
  test.each(Object.entries(hostile))("refuses an archive with %s and unpacks nothing", async (what, lines) => {
    const name = `hostile-${what.replaceAll(" ", "-")}`;
    await plant(name, lines);
    const said = await refused("restore", ["drill", name]);
    expect(said).toContain("a path outside its directory, see above: nothing was unpacked");
    expect(host.leftovers()).toEqual([]);
  });

  test("restores an older archive that holds one file under two names", async () => {
    host.skipScan();
    await plant("two-names", 'echo content >a; ln a b; tar -cf "$work/archive" .');
    const target = join(host.root, "two-names");
    const { code, stderr } = await host.run("restore", ["to", "two-names", target]);
    host.useDocker();
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(target, "b"), "utf8")).toBe("content\n");
  });

  test("does not write to a directory that users other than root can replace", async () => {
    const target = join(dirname(host.database), "restored");
    expect(await refused("restore", ["to", "latest", target])).toMatch(
      /users other than root can change .*\/data: name/,
    );
    expect(await refused("restore", ["to", "latest", "restored"])).toContain("restored is not an absolute path");
    expect(await refused("restore", ["to", "latest", join(host.root, "no/such")])).toContain("no does not exist");
  });

  test("does not write to a directory that exists", async () => {
    const target = join(host.root, "there");
    writeFileSync(target, "");
    expect(await refused("restore", ["to", "latest", target])).toContain(
      "exists: name a directory that does not exist",
    );
  });
});
