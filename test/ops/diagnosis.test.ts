import { describe, expect, test } from "vitest";
import type { BackupList } from "../../host/backup/backup-commands";
import { backupChecks, hoursBetween, tableCheck } from "../../ops/diagnosis";

const backup = {
  id: "backup-20261101",
  createdAt: "2026-11-01T03:00:00Z",
  sizeBytes: 1024,
  location: "bucket/daily/backup-20261101T030000Z-00000000.tar.zst",
  checksum: "0".repeat(64),
  retentionDays: 7,
};
const good: BackupList = {
  backups: [backup],
  problem: "",
  lastRun: null,
  lastVerified: backup,
  lastDrill: null,
  drills: [],
  timers: { daily: true, drill: true },
  changeInterrupted: false,
  setAside: [],
  now: "2026-11-02T04:30:00Z",
};
const run = {
  status: "success" as const,
  kind: "daily",
  step: "packing",
  error: "no room",
  startedAt: "2026-11-01T03:00:00Z",
  completedAt: "2026-11-01T03:01:00Z",
  durationSeconds: 60,
  tables: [],
  record: backup,
};
const drill = { status: "failed" as const, error: "no answer", startedAt: run.startedAt, completedAt: run.completedAt };
const failed = (list: BackupList): string[] =>
  backupChecks(list, undefined).flatMap(({ check, ok, detail, fix }) =>
    ok ? [] : [`${check}: ${detail}. Fix: ${fix ?? ""}`],
  );
const backupNow = "Fix: make a backup now: ops backup";

describe("hoursBetween", () => {
  test("counts whole hours", () => {
    expect(hoursBetween("2026-11-01T03:00:00Z", "2026-11-02T04:59:59Z")).toBe(25);
  });
});

describe("backupChecks", () => {
  test("after a first deployment nothing is due: no backup and no run is no fault while the timer names the next run", () => {
    const fresh = { ...good, lastVerified: null, lastRun: null };
    expect(backupChecks(fresh, "in 3 hours").filter(({ ok }) => !ok)).toEqual([]);
    expect(backupChecks(fresh, "in 3 hours")[0]?.detail).toBe(
      "the first one is in 3 hours. To make a backup now: ops backup",
    );
    expect(failed(fresh)[0]).toContain("this server has no verified backup");
  });

  test("a backup of yesterday is good, one of three days ago is not", () => {
    expect(failed(good)).toEqual([`the last backup run succeeded: there was no run yet. ${backupNow}`]);
    expect(failed({ ...good, now: "2026-11-04T03:00:00Z" })[0]).toBe(
      `a backup was verified in the last two days: backup-20261101 is 72 hours old. ${backupNow}`,
    );
  });

  test("a run that failed or was interrupted is named with its step; a run in progress is good", () => {
    const after = (status: "running" | "interrupted" | "success" | "failed") =>
      failed({ ...good, lastRun: { ...run, status } });
    expect(after("success")).toEqual([]);
    expect(after("running")).toEqual([]);
    expect(after("failed")).toEqual([
      `the last backup run succeeded: it failed at the step "packing": no room. ${backupNow}`,
    ]);
    expect(after("interrupted")).toEqual([
      `the last backup run succeeded: it was interrupted at the step "packing", for example by a power cut. ${backupNow}`,
    ]);
  });

  test("a drill that failed, a timer that is off and a restore that was interrupted are not good", () => {
    const list = { ...good, lastRun: run };
    expect(failed({ ...list, lastDrill: { ...drill, restored: null } })).toEqual([
      "the newest backup can be restored: the last drill failed: no answer. Fix: run a drill now: ops drill",
    ]);
    expect(failed({ ...list, timers: { daily: true, drill: false } })).toEqual([
      "the drill timer is on: it is off. Fix: pulumi up --refresh",
    ]);
    expect(failed({ ...list, changeInterrupted: true })).toEqual([
      "no restore or repair was interrupted: the server has not undone it yet. Fix: on the server: systemctl restart '*-recover.service'",
    ]);
  });

  test("folders that a restore has left are named, and are no failure", () => {
    const list = { ...good, lastRun: run, setAside: ["/opt/memoryloop/data/lancedb.before-20261101T030000Z"] };
    expect(failed(list)).toEqual([]);
    expect(backupChecks(list, undefined).at(-1)?.detail).toBe(
      "earlier restores kept the old data; remove it when you do not need it: /opt/memoryloop/data/lancedb.before-20261101T030000Z",
    );
  });

  test("a bucket that does not answer is not an empty bucket", () => {
    expect(failed({ ...good, backups: null, problem: "no route" })).toContain(
      "the bucket answers: no route. Fix: check the network of the server and the key of the bucket, then try: ops backup",
    );
  });
});

test("what a program on the server said is one line, whatever it contains", () => {
  const said = "CRITICAL: failed\nrclone cat failed\u001b[31m, see above";
  const list = { ...good, backups: null, problem: said, lastRun: { ...run, status: "failed" as const, error: said } };
  const details = backupChecks({ ...list, lastDrill: { ...drill, restored: null, error: said } }, undefined)
    .map(({ detail }) => detail)
    .filter((detail) => detail.includes("CRITICAL"));
  const line = "CRITICAL: failed rclone cat failed, see above";
  expect(details).toEqual([`it failed at the step "packing": ${line}`, line, `the last drill failed: ${line}`]);
});

describe("tableCheck", () => {
  const newest = { name: "items", version: 4, rows: 12 };

  test("a table that can be read is good", () => {
    expect(tableCheck({ kind: "table", table: "items", readable: true, bad: [], newest })).toEqual({
      check: "every row of table items can be read",
      ok: true,
      detail: "version 4 with 12 rows",
    });
  });

  test("a broken table has the newest version that can be read, and both ways to repair it", () => {
    expect(tableCheck({ kind: "table", table: "items", readable: false, bad: ["5.manifest"], newest })).toMatchObject({
      ok: false,
      detail: "5.manifest cannot be used; the newest version that can be read is version 4 with 12 rows",
      fix: "ops doctor --set-aside items, or ops restore latest --in-place",
    });
  });

  test("a table without a version that can be read needs a backup", () => {
    expect(
      tableCheck({ kind: "table", table: "items", readable: false, bad: ["1.manifest"], newest: null }),
    ).toMatchObject({
      ok: false,
      detail: "no version of it can be read",
      fix: "restore a backup: ops restore latest --in-place",
    });
  });
});
