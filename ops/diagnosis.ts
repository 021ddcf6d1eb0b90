import type { BackupList, Examined } from "../host/backup/backup-commands";
import type { CheckResult } from "./check";
import { plainText } from "./plain-text";

const staleHours = 50;
const msPerHour = 3_600_000;

/** Hours between two times, rounded down. */
export const hoursBetween = (then: string, now: string): number =>
  Math.floor((Date.parse(now) - Date.parse(then)) / msPerHour);

const backupNow = "make a backup now: ops backup";

/** A backup that is not due yet is no fault: after the first deployment there was no run, and the timer names the next. */
const isNotDue = ({ lastVerified, lastRun }: BackupList, next: string | undefined): boolean =>
  lastVerified === null && lastRun === null && next !== undefined;

function lastVerified(list: BackupList, next: string | undefined): CheckResult {
  const check = "a backup was verified in the last two days";
  const { lastVerified: last, now } = list;
  if (isNotDue(list, next)) return { check, ok: true, detail: `the first one is ${next ?? ""}. To ${backupNow}` };
  if (last === null) return { check, ok: false, detail: "this server has no verified backup", fix: backupNow };
  const hours = hoursBetween(last.createdAt, now);
  const detail = `${last.id} is ${hours} hours old`;
  return hours < staleHours ? { check, ok: true, detail } : { check, ok: false, detail, fix: backupNow };
}

function lastRun(list: BackupList, next: string | undefined): CheckResult {
  const check = "the last backup run succeeded";
  const { lastRun: run } = list;
  if (isNotDue(list, next)) return { check, ok: true, detail: "no run is due yet" };
  if (run === null) return { check, ok: false, detail: "there was no run yet", fix: backupNow };
  switch (run.status) {
    case "success":
      return { check, ok: true, detail: `it took ${run.durationSeconds} s` };
    case "running":
      return { check, ok: true, detail: `a run is in progress, at the step "${run.step}"` };
    case "failed":
      return {
        check,
        ok: false,
        detail: `it failed at the step "${run.step}": ${plainText(run.error)}`,
        fix: backupNow,
      };
    case "interrupted":
      return {
        check,
        ok: false,
        detail: `it was interrupted at the step "${run.step}", for example by a power cut`,
        fix: backupNow,
      };
  }
}

function lastDrill({ lastDrill: drill, now }: BackupList): CheckResult {
  const check = "the newest backup can be restored";
  const fix = "run a drill now: ops drill";
  if (drill === null) return { check, ok: true, detail: `no drill yet; there is one each week. To ${fix}` };
  if (drill.status === "failed")
    return { check, ok: false, detail: `the last drill failed: ${plainText(drill.error)}`, fix };
  return { check, ok: true, detail: `a drill succeeded ${hoursBetween(drill.completedAt, now)} hours ago` };
}

function dataChange({ changeInterrupted, setAside }: BackupList): CheckResult {
  const check = "no restore or repair was interrupted";
  if (changeInterrupted) {
    const fix = "on the server: systemctl restart '*-recover.service'";
    return { check, ok: false, detail: "the server has not undone it yet", fix };
  }
  const left = `earlier restores kept the old data; remove it when you do not need it: ${setAside.join(", ")}`;
  return { check, ok: true, detail: setAside.length === 0 ? "" : left };
}

function timer(name: string, isOn: boolean): CheckResult {
  const check = `the ${name} timer is on`;
  return isOn ? { check, ok: true, detail: "" } : { check, ok: false, detail: "it is off", fix: "pulumi up --refresh" };
}

function bucket({ backups, problem }: BackupList): CheckResult {
  const check = "the bucket answers";
  if (backups !== null) return { check, ok: true, detail: `it has ${backups.length} verified backups` };
  const fix = "check the network of the server and the key of the bucket, then try: ops backup";
  return { check, ok: false, detail: plainText(problem), fix };
}

/**
 * The results of all checks of the backups.
 * @param next when the next daily backup is, such as "in 3 hours"; undefined when no timer says it.
 */
export const backupChecks = (list: BackupList, next: string | undefined): readonly CheckResult[] => [
  lastVerified(list, next),
  lastRun(list, next),
  bucket(list),
  lastDrill(list),
  ...Object.entries(list.timers).map(([name, isOn]) => timer(name, isOn)),
  dataChange(list),
];

const restoreNewest = "ops restore latest --in-place";

function directoryCheck({ table, readable, bad, newest }: Examined): CheckResult {
  const check = `the directory ${table} of the data can be read`;
  const detail = newest?.files ? `${newest.files} files` : `${newest?.rows ?? 0} rows`;
  return readable
    ? { check, ok: true, detail }
    : { check, ok: false, detail: bad.join(", "), fix: `restore a backup: ${restoreNewest}` };
}

/** The result of the check of one table, or of one directory, of the app's data. */
export function tableCheck(examined: Examined): CheckResult {
  if (examined.kind === "directory") return directoryCheck(examined);
  const { table, readable, bad, newest } = examined;
  const check = `every row of table ${table} can be read`;
  if (newest === null) {
    return { check, ok: false, detail: "no version of it can be read", fix: `restore a backup: ${restoreNewest}` };
  }
  const version = `version ${newest.version ?? 0} with ${newest.rows ?? 0} rows`;
  if (readable) return { check, ok: true, detail: version };
  const detail = `${bad.join(", ")} cannot be used; the newest version that can be read is ${version}`;
  return { check, ok: false, detail, fix: `ops doctor --set-aside ${table}, or ${restoreNewest}` };
}
