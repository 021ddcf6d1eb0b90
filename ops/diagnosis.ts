import type { BackupList, Examined } from "../host/backup/backup-commands";

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

const staleHours = 50;
const msPerHour = 3_600_000;

/** Hours from then to now, in whole numbers. */
export const hoursBetween = (then: string, now: string): number =>
  Math.floor((Date.parse(now) - Date.parse(then)) / msPerHour);

function lastVerified({ lastVerified: last, now }: BackupList): Finding {
  const check = "a verified backup within two days";
  if (last === null) return { check, ok: false, detail: "this host has made none yet: ops backup" };
  const hours = hoursBetween(last.createdAt, now);
  return { check, ok: hours < staleHours, detail: `${last.id}, ${hours} hours old` };
}

function lastRun({ lastRun: run }: BackupList): Finding {
  const check = "the last run of the job";
  if (run === null) return { check, ok: false, detail: "it never ran: ops backup" };
  switch (run.status) {
    case "success":
      return { check, ok: true, detail: `took ${run.durationSeconds} s` };
    case "running":
      return { check, ok: true, detail: `is under way, at "${run.step}"` };
    case "failed":
      return { check, ok: false, detail: `failed at "${run.step}": ${run.error}` };
    case "broken off":
      return { check, ok: false, detail: `was broken off at "${run.step}", as by a power cut: ops backup` };
  }
}

function lastDrill({ lastDrill: drill, now }: BackupList): Finding {
  const check = "the newest backup restores";
  if (drill === null) return { check, ok: true, detail: "no drill yet, there is one a week; one now: ops drill" };
  if (drill.status === "failed") return { check, ok: false, detail: `the last drill failed: ${drill.error}` };
  return { check, ok: true, detail: `as a drill has shown ${hoursBetween(drill.completedAt, now)} hours ago` };
}

function changeOfData({ changeBrokenOff, setAside }: BackupList): Finding {
  const check = "no change of the data was broken off";
  if (changeBrokenOff) return { check, ok: false, detail: "on the host: systemctl restart '*-recover.service'" };
  const left = setAside.length === 0 ? "" : `left by earlier ones, remove it when you are sure: ${setAside.join(", ")}`;
  return { check, ok: true, detail: left };
}

const timer = (name: string, ok: boolean): Finding => ({
  check: `the ${name} timer is on`,
  ok,
  detail: ok ? "" : "run pulumi up",
});

function table({ table: name, readable, bad, newest }: Examined): Finding {
  const check = `table ${name} reads in full`;
  if (readable && newest) return { check, ok: true, detail: `version ${newest.version}, ${newest.rows} rows` };
  if (newest === null) {
    return { check, ok: false, detail: "no version of it reads. Restore a backup: ops restore latest --in-place" };
  }
  const way = `ops doctor --set-aside ${name}, or ops restore latest --in-place`;
  return {
    check,
    ok: false,
    detail: `${bad.join(", ")} cannot be used; the newest version that reads is ${newest.version} with ${newest.rows} rows. ${way}`,
  };
}

/** What is well with the backups and the data, and what is not, with the next command to type. */
export function diagnose(list: BackupList, tables: readonly Examined[]): readonly Finding[] {
  const { timers, backups, problem } = list;
  return [
    lastVerified(list),
    lastRun(list),
    {
      check: "the bucket answers",
      ok: backups !== null,
      detail: backups === null ? problem : `${backups.length} verified`,
    },
    lastDrill(list),
    ...Object.entries(timers).map(([name, on]) => timer(name, on)),
    changeOfData(list),
    ...tables.map(table),
  ];
}
