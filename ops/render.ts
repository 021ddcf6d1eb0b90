import { type Backup, type BackupList, type BackupRun, type Restored } from "../host/backup/backup-commands";
import { hoursBetween } from "./diagnosis";

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `1536` is "1.5 KiB". */
export function renderSize(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ""}`;
}

const age = (hours: number): string => (hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`);
const nameOf = ({ location }: Backup): string => (location.split("/").at(-1) ?? "").replace(/\.tar\.zst$/, "");
/** A part of the data and its size, such as "items: 3 rows". */
function partOf({ directory, name, rows, files }: BackupRun["tables"][number], isOnly: boolean): string {
  const where = isOnly || directory === undefined ? name : `${directory}/${name}`;
  return files === undefined ? `${where}: ${rows ?? 0} rows` : `${directory ?? name}: ${files} files`;
}

function tablesLine(tables: BackupRun["tables"]): string {
  const directories = new Set(tables.map(({ directory }) => directory));
  return tables.map((table) => partOf(table, directories.size === 1)).join(", ");
}

export const renderRun = ({ record, tables, durationSeconds }: BackupRun): string =>
  record === null
    ? "no backup was made"
    : `${nameOf(record)} is verified: ${renderSize(record.sizeBytes)} in ${durationSeconds} s (${tablesLine(tables)})\n${record.location}`;

export const renderBackupKept = (backup: Backup): string =>
  `${nameOf(backup)} is permanent now: nothing deletes it. ${backup.location}`;

export const renderRestored = ({ backup, tables, seconds, setAside }: Restored, what: string): string =>
  [
    `${nameOf(backup)} ${what} in ${seconds} s (${tablesLine(tables)})`,
    ...(setAside
      ? [`the old data could not be backed up. It is kept at ${setAside}; remove it when you do not need it`]
      : []),
  ].join("\n");

function backupLine(backup: Backup, now: string): string {
  const kept = backup.retentionDays === 0 ? "permanent" : "daily";
  return `  ${nameOf(backup)}  ${age(hoursBetween(backup.createdAt, now))} old  ${renderSize(backup.sizeBytes)}  ${kept}`;
}

function runLine(run: BackupList["lastRun"]): string[] {
  switch (run?.status) {
    case undefined:
    case "success":
      return [];
    case "running":
      return [`last run       in progress, at the step "${run.step}"`];
    case "failed":
      return [`last run       FAIL at the step "${run.step}": ${run.error}`];
    case "interrupted":
      return [`last run       FAIL interrupted at the step "${run.step}"`];
  }
}

function drillLine(drill: BackupList["lastDrill"], now: string): string {
  if (drill === null) return "last drill     none by this server";
  const passed = age(hoursBetween(drill.completedAt, now));
  if (drill.status === "failed" || drill.restored === null) return `last drill     FAIL ${passed} ago: ${drill.error}`;
  return `last drill     ${passed} ago: ${nameOf(drill.restored.backup)} was restored in ${drill.restored.seconds} s`;
}

/** The state of the backups. */
export function renderBackups(list: BackupList): string {
  const { backups, problem, lastVerified, lastRun, lastDrill, now } = list;
  const last = lastVerified
    ? `${nameOf(lastVerified)}, ${age(hoursBetween(lastVerified.createdAt, now))} old, ${renderSize(lastVerified.sizeBytes)}`
    : "none by this server";
  return [
    `last verified  ${last}`,
    ...runLine(lastRun),
    drillLine(lastDrill, now),
    backups === null ? `in the bucket  FAIL it does not answer: ${problem}` : `in the bucket  ${backups.length}`,
    ...(backups ?? []).map((backup) => backupLine(backup, now)),
  ].join("\n");
}
