import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appUid, BackupSandbox, makeTable } from "../../rehearsal/driver/backup-sandbox";
import { expectAllRestore, expectNextRunClean } from "../support/backup-proof";

/** kill -9 of the script and of all its processes at once. */
const killed = "kill -KILL 0";
const killedCode = -1;

describe("backup.sh", () => {
  let host: BackupSandbox;
  let steps: readonly string[];
  beforeAll(async () => {
    host = await BackupSandbox.start({ megabytes: 90 });
    await host.node(makeTable("items", 50));
    steps = await host.steps("backup", ["permanent"]);
  });
  afterAll(() => {
    host.close();
  });

  test("killed at each of its steps, leaves no partial backup that counts, and the next run succeeds", async () => {
    expect(steps.length).toBeGreaterThan(70);
    host.skipScan();
    for (const step of steps) {
      const { code, stderr, met } = await host.runWithFault("backup", ["permanent"], step, killed);
      expect([met, code], `${step}: ${stderr}`).toEqual([true, killedCode]);
    }
    host.useDocker();
    await expectNextRunClean(host);
    await expectAllRestore(host);
  });

  test("ended by a signal at each of its steps, as at a shutdown, is recorded as failed and leaves nothing", async () => {
    const script = readFileSync("rootfs/backups/usr/local/lib/{{app}}-backup/backup.sh", "utf8").split("\n");
    const place = (line: string): number => steps.indexOf(`backup.sh:${script.indexOf(line) + 1}`);
    // Up to the command that notes the end: after it the backup is verified and complete.
    const inside = steps.slice(place('run 2>"$messages/errors"'), place("step='ended'") + 1);
    expect(inside.length).toBeGreaterThan(60);
    host.skipScan();
    for (const step of inside) {
      // A signal in the moment of a fork can make bash 5.2 skip its EXIT trap. `ops status` then says "interrupted".
      const { code, met } = await host.runWithFault("backup", ["permanent"], step, "sleep 0.05; kill -TERM 0");
      expect([met, code === 0], step).toEqual([true, false]);
      expect(host.lastRun()["status"], step).toBe("failed");
      expect(host.leftovers(), step).toEqual([]);
    }
    host.useDocker();
    await expectNextRunClean(host);
    await expectAllRestore(host);
  });

  test("with a full disk from each of its steps on, fails with a reason, or makes a good backup", async () => {
    const filler = join(host.disk, "filler");
    const ends = new Set<number>();
    host.skipScan();
    for (const step of steps) {
      const run = await host.runWithFault(
        "backup",
        ["permanent"],
        step,
        `cat /dev/zero >${filler} 2>/dev/null || true`,
      );
      rmSync(filler, { force: true });
      ends.add(run.code);
      expect(run.met, step).toBe(true);
      if (run.code === 0) expect(host.lastRun(), step).toMatchObject({ status: "success" });
      else {
        expect(run.stderr, step).not.toBe("");
        expect(host.lastRun()["status"], step).not.toBe("success");
      }
      expect(host.leftovers(), step).toEqual([]);
    }
    host.useDocker();
    expect([...ends].sort()).toEqual([0, 1]);
    await expectNextRunClean(host);
    await expectAllRestore(host);
  });
});

describe("restore.sh in place", () => {
  const [before, restored] = ["as it was", "as it was saved"];
  let host: BackupSandbox;
  let file: string;
  let app: string;
  let saved: string;

  beforeAll(async () => {
    host = await BackupSandbox.start();
    file = join(host.database, "file");
    app = join(host.root, "app");
    // This test is about the order of the steps, not about the data: this Docker records whether the app runs, and its
    // scan succeeds. The app is healthy while it runs.
    host.skipScan(`start | stop) echo $1 >${app} ;;`);
    host.command(
      "curl",
      `case "$*" in *--unix-socket*) ! grep -q start ${app} || printf 200 ;; *) PATH=$REAL_PATH exec curl "$@" ;; esac`,
    );
    host.write("file", restored);
    const { code, stderr } = await host.run("backup", ["permanent"]);
    expect(code, stderr).toBe(0);
    saved = (await host.verified("permanent"))[0]?.replace("permanent/", "") ?? "";
  });
  afterAll(() => {
    host.close();
  });

  function reset(): void {
    for (const name of readdirSync(dirname(host.database))) {
      if (name.startsWith("lancedb.")) rmSync(join(dirname(host.database), name), { recursive: true });
    }
    // A killed restore leaves it. The steps that remove it would come at another place then.
    rmSync(join(host.root, "opt/memoryloop/scratch/restore"), { recursive: true, force: true });
    host.write("file", before);
    writeFileSync(app, "start\n");
  }

  test("killed at each of its steps: the app serves again, with the data from before the restore or with healthy restored data", async () => {
    reset();
    const steps = await host.steps("restore", ["in-place", saved]);
    expect(readFileSync(file, "utf8")).toBe(restored);
    expect(steps.length).toBeGreaterThan(50);
    const found: string[] = [];
    for (const step of steps) {
      reset();
      const { code, stderr, met } = await host.runWithFault("restore", ["in-place", saved], step, killed);
      expect([met, code], `${step}: ${stderr}`).toEqual([true, killedCode]);
      const recovered = await host.run("recover");
      expect(recovered.code, `${step}: ${recovered.stderr}`).toBe(0);
      expect(readFileSync(app, "utf8"), step).toBe("start\n");
      expect(existsSync(join(host.root, "var/lib/memoryloop/data-change")), step).toBe(false);
      found.push(readFileSync(file, "utf8"));
    }
    // Up to one step the app has the data from before the restore; after that step it has the restored data.
    const kept = found.indexOf(restored);
    expect(kept).toBeGreaterThan(0);
    expect(new Set(found.slice(0, kept))).toEqual(new Set([before]));
    expect(new Set(found.slice(kept))).toEqual(new Set([restored]));
  });

  test("an undone restore keeps the data that it had restored", async () => {
    reset();
    const places = readFileSync("rootfs/backups/usr/local/lib/{{app}}-backup/restore.sh", "utf8").split("\n");
    const health = `restore.sh:${places.findIndex((line) => line.includes("if ! healthy")) + 1}`;
    await host.runWithFault("restore", ["in-place", saved], health, killed);
    writeFileSync(file, "written since");
    const { stdout } = await host.run("recover");
    const folder = /is at (\S+):/.exec(stdout)?.[1] ?? "";
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("written since");
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("restores data that is missing", async () => {
    reset();
    rmSync(host.database, { recursive: true });
    const { code, stderr, stdout } = await host.run("restore", ["in-place", saved]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).not.toHaveProperty("setAside");
    expect(readFileSync(file, "utf8")).toBe(restored);
  });

  test("replaces data that is on a separate mount", async () => {
    const data = dirname(host.database);
    execFileSync("mount", ["-t", "tmpfs", "-o", "uid=1001,gid=1001", "tmpfs", data]);
    try {
      mkdirSync(host.database);
      chownSync(host.database, appUid, appUid);
      reset();
      const { code, stderr } = await host.run("restore", ["in-place", saved]);
      expect(code, stderr).toBe(0);
      expect(readFileSync(file, "utf8")).toBe(restored);
    } finally {
      execFileSync("umount", [data]);
    }
  });

  test("an app that is not healthy with the restored data gets the data from before the restore again", async () => {
    reset();
    host.command("curl", `case "$*" in *--unix-socket*) printf 503 ;; *) PATH=$REAL_PATH exec curl "$@" ;; esac`);
    const { code, stderr } = await host.run("restore", ["in-place", saved], { RESTORE_HEALTH_SECONDS: "1" });
    expect(code).not.toBe(0);
    expect(stderr).toContain("the app is not healthy on the restored data: it runs on the data from before again");
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(readFileSync(app, "utf8")).toBe("start\n");
    expect(host.leftovers()).toEqual([]);
  });
});
