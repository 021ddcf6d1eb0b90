import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackupSandbox, appUid } from "../../rehearsal/driver/backup-sandbox";

/** The output of restore.sh, as far as these tests compare it. */
interface Restored {
  readonly tables: readonly object[];
}

let host: BackupSandbox;
let root: string;

/** Makes a directory of the app below `data`, which belongs to root: the container has no path to it. */
function directory(name: string): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  chownSync(path, appUid, appUid);
  return path;
}

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
  chownSync(join(root, name), appUid, appUid);
}

const sql = (database: string, text: string): string =>
  execFileSync("setpriv", [`--reuid=${appUid}`, `--regid=${appUid}`, "--clear-groups", "sqlite3", database, text], {
    encoding: "utf8",
  }).trim();

beforeEach(async () => {
  host = await BackupSandbox.start({ data: "db:sqlite,uploads:files" });
  root = join(host.root, "opt/memoryloop/data");
  rmSync(root, { recursive: true });
  mkdirSync(root);
  sql(
    join(directory("db"), "app.db"),
    "PRAGMA journal_mode = WAL; CREATE TABLE notes(text); INSERT INTO notes VALUES (1), (2)",
  );
  directory("uploads");
  directory("uploads/.thumbs");
  write("uploads/one.txt", "one");
  write("uploads/.thumbs/two.txt", "two");
  // The app is always healthy.
  host.command("curl", `case "$*" in *--unix-socket*) printf 200 ;; *) PATH=$REAL_PATH exec curl "$@" ;; esac`);
  host.command("docker", "case $1 in stop | start) ;; *) exit 1 ;; esac");
});
afterEach(() => {
  host.close();
});

const parts = [
  { directory: "db", name: "app.db:notes", rows: 2 },
  { directory: "uploads", name: "files", files: 2 },
];

async function backUp(): Promise<void> {
  const { code, stderr } = await host.run("backup", ["daily"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
}

describe("a backup of SQLite and files", () => {
  test("is read in full, needs no node and no image, and leaves nothing behind", async () => {
    await backUp();
    expect(host.lastRun()["tables"]).toEqual(parts);
    expect(host.leftovers()).toEqual([]);
    const drilled = await host.run("drill");
    expect(drilled).toMatchObject({ code: 0, stderr: "" });
    expect((JSON.parse(drilled.stdout) as Restored).tables).toEqual(parts);
  });

  test("is restored in place: every row and every file of its time, in new directories of the app", async () => {
    await backUp();
    sql(join(root, "db/app.db"), "DELETE FROM notes");
    rmSync(join(root, "uploads/.thumbs/two.txt"));
    write("uploads/later.txt", "later");
    expect(await host.run("restore", ["in-place", "latest"])).toMatchObject({ code: 0 });
    expect(sql(join(root, "db/app.db"), "SELECT count(*) FROM notes")).toBe("2");
    expect(readFileSync(join(root, "uploads/.thumbs/two.txt"), "utf8")).toBe("two");
    expect(readdirSync(join(root, "uploads")).sort()).toEqual([".thumbs", "one.txt"]);
    expect(readdirSync(root).sort()).toEqual(["db", "uploads"]);
    expect(host.leftovers()).toEqual([]);
  });

  test("a restore onto which the app is not healthy is undone for all directories", async () => {
    await backUp();
    sql(join(root, "db/app.db"), "DELETE FROM notes");
    write("uploads/later.txt", "later");
    host.command("curl", `case "$*" in *--unix-socket*) printf 503 ;; *) PATH=$REAL_PATH exec curl "$@" ;; esac`);
    const { code, stderr } = await host.run("restore", ["in-place", "latest"], { RESTORE_HEALTH_SECONDS: "1" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("it runs on the data from before again")]);
    expect(sql(join(root, "db/app.db"), "SELECT count(*) FROM notes")).toBe("0");
    expect(existsSync(join(root, "uploads/later.txt"))).toBe(true);
    expect(readdirSync(root).sort()).toEqual(["db", "uploads"]);
  });

  test("a restore that is killed between two directories is undone by the server", async () => {
    await backUp();
    sql(join(root, "db/app.db"), "DELETE FROM notes");
    write("uploads/later.txt", "later");
    const swap = 'if [ "$1" = -T ]; then case "$3" in */uploads.before-*) kill -9 "$PPID" ;; esac; fi';
    host.command("mv", `${swap}\nPATH=$REAL_PATH exec mv "$@"`);
    expect((await host.run("restore", ["in-place", "latest"])).code).not.toBe(0);
    host.restoreCommand("mv");
    expect(await host.run("recover")).toMatchObject({ code: 0 });
    expect(sql(join(root, "db/app.db"), "SELECT count(*) FROM notes")).toBe("0");
    expect(existsSync(join(root, "uploads/later.txt"))).toBe(true);
  });

  test("a database that is damaged stops the backup, and doctor names it", async () => {
    const pages = readFileSync(join(root, "db/app.db"));
    sql(join(root, "db/app.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
    const content = Buffer.concat([readFileSync(join(root, "db/app.db"))]).fill(0x5a, 4096, 4200);
    expect(content.equals(pages)).toBe(false);
    writeFileSync(join(root, "db/app.db"), content);
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("database app.db: ")]);
    const doctor = await host.run("doctor");
    expect(JSON.parse(doctor.stdout)).toMatchObject([
      { table: "db", kind: "directory", readable: false },
      { table: "uploads", kind: "directory", readable: true, newest: { files: 2 } },
    ]);
  });

  test("a link in place of the database, to a file of another app with the same user, is refused", async () => {
    const other = join(host.root, "opt/other.db");
    sql(join(directory("db"), "app.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
    execFileSync("cp", ["-a", join(root, "db/app.db"), other]);
    rmSync(join(root, "db/app.db"));
    symlinkSync(other, join(root, "db/app.db"));
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is a link or a special file")]);
    expect(await host.verified("daily")).toEqual([]);
  });

  test("data that is empty is no backup", async () => {
    rmSync(join(root, "db/app.db"));
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("no databases found; refusing to back up")]);
  });

  test("a file that changed after its checksum was written is found by the drill", async () => {
    await backUp();
    host.command("sha256sum", `case "$*" in *--check*) exec false ;; *) PATH=$REAL_PATH exec sha256sum "$@" ;; esac`);
    const { code, stderr } = await host.run("drill");
    expect([code, stderr]).toEqual([1, expect.stringContaining("the backup cannot be read")]);
  });
});
