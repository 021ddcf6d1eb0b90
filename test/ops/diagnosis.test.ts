import { describe, expect, test } from "vitest";
import type { BackupList } from "../../ops/backup";
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
  timers: { daily: true, watch: true },
  now: "2026-11-02T04:30:00Z",
};
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
