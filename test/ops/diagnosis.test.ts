import { describe, expect, test } from "vitest";
import type { BackupList } from "../../host/backup/backup-commands";
import { diagnose, hoursBetween } from "../../ops/diagnosis";

const backup = {
  id: "backup-20261101",
  createdAt: "2026-11-01T03:00:00Z",
  sizeBytes: 1024,
  location: "bucket/daily/backup-20261101T030000Z-00000000.tar.zst",
  checksum: "0".repeat(64),
  retentionDays: 7,
};
const well: BackupList = {
  backups: [backup],
  problem: "",
  lastRun: null,
  lastVerified: backup,
  lastDrill: null,
  timers: { daily: true, watch: true, drill: true },
  changeBrokenOff: false,
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
const bad = (list: BackupList, tables: Parameters<typeof diagnose>[1] = []): string[] =>
  diagnose(list, tables).flatMap(({ check, ok, detail }) => (ok ? [] : [`${check}: ${detail}`]));

describe("hoursBetween", () => {
  test("counts whole hours", () => {
    expect(hoursBetween("2026-11-01T03:00:00Z", "2026-11-02T04:59:59Z")).toBe(25);
  });
});

describe("diagnose", () => {
  test("a backup of yesterday is well, one of three days ago is not", () => {
    expect(bad({ ...well, lastRun: null })).toEqual(["the last run of the job: it never ran: ops backup"]);
    expect(bad({ ...well, now: "2026-11-04T03:00:00Z" })[0]).toBe(
      "a verified backup within two days: backup-20261101, 72 hours old",
    );
  });

  test("a run that failed or was broken off is named with its step, one under way is well", () => {
    const after = (status: "running" | "broken off" | "success" | "failed") =>
      bad({ ...well, lastRun: { ...run, status } });
    expect(after("success")).toEqual([]);
    expect(after("running")).toEqual([]);
    expect(after("failed")).toEqual(['the last run of the job: failed at "packing": no room']);
    expect(after("broken off")).toEqual([
      'the last run of the job: was broken off at "packing", as by a power cut: ops backup',
    ]);
  });

  test("a drill that failed, a timer that is off and a change that was broken off are not well", () => {
    const list = { ...well, lastRun: run };
    expect(bad({ ...list, lastDrill: { ...drill, restored: null } })).toEqual([
      "the newest backup restores: the last drill failed: no answer",
    ]);
    expect(bad({ ...list, timers: { daily: true, watch: true, drill: false } })).toEqual([
      "the drill timer is on: run pulumi up",
    ]);
    expect(bad({ ...list, changeBrokenOff: true })).toEqual([
      "no change of the data was broken off: on the host: systemctl restart '*-recover.service'",
    ]);
  });

  test("folders that a restore has left are named, and are nothing bad", () => {
    const list = { ...well, lastRun: run, setAside: ["/opt/memoryloop/data/lancedb.before-20261101T030000Z"] };
    expect(bad(list)).toEqual([]);
    expect(diagnose(list, []).at(-1)?.detail).toBe(
      "left by earlier ones, remove it when you are sure: /opt/memoryloop/data/lancedb.before-20261101T030000Z",
    );
  });

  test("a bucket that does not answer is not an empty one", () => {
    expect(bad({ ...well, backups: null, problem: "no route" })).toContain("the bucket answers: no route");
  });

  test("a table that does not read is named, with the version that does and both ways out", () => {
    const newest = { name: "items", version: 4, rows: 12 };
    expect(bad(well, [{ table: "items", readable: false, bad: ["5.manifest"], newest }]).at(-1)).toBe(
      "table items reads in full: 5.manifest cannot be used; the newest version that reads is 4 with 12 rows. " +
        "ops doctor --set-aside items, or ops restore latest --in-place",
    );
    expect(bad(well, [{ table: "items", readable: false, bad: ["1.manifest"], newest: null }]).at(-1)).toContain(
      "no version of it reads. Restore a backup",
    );
  });
});
