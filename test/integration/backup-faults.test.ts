import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FaultKind } from "../../rehearsal/emulators/b2/fault";
import { BackupHost, makeTable } from "../support/backup-host";

let host: BackupHost;
beforeAll(async () => {
  host = await BackupHost.start();
  await host.node(makeTable("items", 50));
});
afterAll(() => {
  host.close();
});
afterEach(async () => {
  await host.faults();
});

/** Retries end soon and a hanging transfer is given up after seconds, not minutes. */
const impatient = { BACKUP_TRANSFER_SECONDS: "8", RCLONE_LOW_LEVEL_RETRIES: "2" };

const always = (operation: string, fault: FaultKind, times = 1000) => ({ operation, times, fault });
const status = (code: number, word: string): FaultKind => ({ kind: "status", status: code, code: word });

/** Every backup that counts gives back what its record says. */
async function expectAllProved(): Promise<void> {
  for (const name of await host.verified("daily")) {
    const { code, stderr } = await host.run("restore", ["drill", name.replace("daily/", "")]);
    expect(code, stderr).toBe(0);
  }
}

async function expectNextRunClean(): Promise<void> {
  const { code, stderr } = await host.run("backup", ["daily"]);
  expect(code, stderr).toBe(0);
  expect(host.leftovers()).toEqual([]);
  const names = (await host.objects()).map(({ fileName }) => fileName).filter((name) => name.startsWith("daily/"));
  expect(new Set(names.map((name) => name.replace(/\..*/, "")))).toEqual(new Set(await host.verified("daily")));
}

describe("backup.sh", () => {
  test("a fault that lasts fails the run, and nothing of it counts", async () => {
    const lasting: [string, FaultKind][] = [
      ["b2_authorize_account", status(401, "unauthorized")],
      ["b2_upload_file", status(503, "service_unavailable")],
      ["b2_upload_file", status(403, "cap_exceeded")],
      ["b2_upload_file", { kind: "cut" }],
      ["b2_upload_file", { kind: "hang" }],
      ["b2_download_file", status(500, "internal_error")],
      ["b2_download_file", { kind: "cut" }],
      ["b2_download_file", { kind: "corrupt" }],
      ["b2_download_file", { kind: "hang" }],
    ];
    for (const [operation, fault] of lasting) {
      const before = await host.verified("daily");
      await host.faults(always(operation, fault));
      const { code, stderr } = await host.run("backup", ["daily"], impatient);
      await host.faults();
      expect(code, `${operation} ${JSON.stringify(fault)}`).not.toBe(0);
      expect(stderr, `${operation} ${JSON.stringify(fault)}`).not.toBe("");
      expect(await host.verified("daily")).toEqual(before);
      expect(host.lastRun()["status"]).toBe("failed");
      expect(host.leftovers()).toEqual([]);
    }
    await expectNextRunClean();
    await expectAllProved();
  });

  test("an object that is stored with other bytes than were sent is found out", async () => {
    const before = await host.verified("daily");
    await host.faults(always("b2_upload_file", { kind: "corrupt" }, 1));
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("the bucket gives back other bytes than were sent");
    expect(await host.verified("daily")).toEqual(before);
    await expectNextRunClean();
  });

  test("a fault that passes is ridden out", async () => {
    await host.faults(
      always("b2_authorize_account", status(500, "internal_error"), 1),
      always("b2_upload_file", { ...status(429, "too_many_requests"), retryAfterSeconds: 1 } as FaultKind, 1),
      always("b2_upload_file", status(401, "expired_auth_token"), 1),
      always("b2_list_file_names", status(503, "service_unavailable"), 1),
    );
    const { code, stderr } = await host.run("backup", ["daily"]);
    expect(code, stderr).toBe(0);
  });

  test("an empty data folder, a missing one and a wrong clock are failures that say so", async () => {
    const other = await BackupHost.start();
    expect((await other.run("backup", ["daily"])).stderr).toContain("there is no table: a backup of nothing is none");
    await other.tell("clock", { aheadMilliseconds: 3_600_000 });
    expect((await other.run("backup", ["daily"])).stderr).toContain("clock is -60 minutes off Backblaze's");
    await other.tell("clock", { aheadMilliseconds: 0 });
    rmSync(other.database, { recursive: true });
    expect((await other.run("backup", ["daily"])).stderr).toContain("there is nothing to back up");
    expect(await other.objects()).toEqual([]);
    other.close();
  });

  test("a wrong key and a wrong bucket are failures that say so", async () => {
    const wrongKey = await host.run("backup", ["daily"], { B2_APP_KEY: "K001nothing" });
    expect(wrongKey.code).not.toBe(0);
    expect(wrongKey.stderr).toContain("unauthorized");
    expect(wrongKey.stderr).not.toContain("K001nothing");
    const wrongBucket = await host.run("backup", ["daily"], { B2_BUCKET: "somebody-elses" });
    expect(wrongBucket.code).not.toBe(0);
    expect(wrongBucket.stderr).toContain("you must use bucket(s)");
  });

  test("two at once: the second says that the first is under way", async () => {
    const [first, second] = await Promise.all([host.run("backup", ["daily"]), host.run("backup", ["daily"])]);
    const failed = first.code === 0 ? second : first;
    expect([first.code, second.code].sort()).toEqual([0, 1]);
    expect(failed.stderr).toContain("another backup or restore is under way");
  });

  test("a full disk under the archive fails the run and leaves nothing", async () => {
    const before = await host.verified("daily");
    host.command("zstd", 'cat >/dev/null; echo "zstd: error 70: Write error: No space left on device" >&2; exit 70');
    const { code, stderr } = await host.run("backup", ["daily"]);
    rmSync(join(host.root, "commands/zstd"));
    expect(code).not.toBe(0);
    expect(stderr).toContain("No space left on device");
    expect(await host.verified("daily")).toEqual(before);
    expect(host.leftovers()).toEqual([]);
  });

  test("too little room for staging is said before anything is done", async () => {
    host.command("df", "echo Avail; echo 1048576");
    const { code, stderr } = await host.run("backup", ["daily"]);
    rmSync(join(host.root, "commands/df"));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/has 1 MiB free and may need 6\d: make room/);
  });
});

/** Commands of a run; a power cut comes at each call of each of them. */
const steps = ["cp", "curl", "cut", "jq", "tar", "timeout", "zstd"];
const killer = (name: string): string =>
  `n=$(($(cat "$COUNT") + 1)); echo $n >"$COUNT"
   if [ $n = "$KILL_AT" ]; then kill -KILL "-$(ps -o pgid= $$ | tr -d ' ')"; fi
   exec /usr/bin/env PATH="${name === "timeout" ? "$PATH" : "$REAL_PATH"}" "$(PATH=$REAL_PATH command -v ${name})" "$@"`;

describe("backup.sh, killed with everything it started", () => {
  test("at each step: nothing partial counts, and the next run is clean", async () => {
    const count = join(host.root, "count");
    for (const name of steps) host.command(name, killer(name));
    let killed = 0;
    for (let step = 1; ; step += 1) {
      writeFileSync(count, "0");
      const { code } = await host.run("backup", ["daily"], { COUNT: count, KILL_AT: String(step) });
      if (code === 0) break;
      killed += 1;
    }
    for (const name of steps) rmSync(join(host.root, "commands", name));
    // Commands of one pipeline may count as one.
    expect(killed).toBeGreaterThanOrEqual(10);
    await expectAllProved();
    await expectNextRunClean();
  });
});
