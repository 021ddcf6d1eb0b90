import type { BackupList } from "../../host/backup/backup-commands";
import { backupChecks } from "../diagnosis";
import { nameOf, renderBackup, renderSize } from "../render";
import type { Source } from "../source";
import { fail, info, ok, type Line } from "./line";
import { renderAgo } from "./words";

const topic = "backups";

function drillText({ lastDrill, now }: BackupList): string[] {
  if (lastDrill?.status !== "success" || lastDrill.restored === null) return [];
  return [`restored for practice ${renderAgo(lastDrill.completedAt, now)}, in ${lastDrill.restored.seconds} s`];
}

/** The newest verified backup, in one line. */
function summary(list: BackupList, next: string | undefined): Line {
  const { lastVerified: last, backups, now } = list;
  const parts = [
    ...(last === null
      ? ["none was verified by this server yet"]
      : [`${nameOf(last)} verified ${renderAgo(last.createdAt, now)}, ${renderSize(last.sizeBytes)}`]),
    ...(next === undefined ? [] : [`next ${next}`]),
    ...drillText(list),
    ...(backups === null ? [] : [`${backups.length} in the bucket`]),
  ];
  return last === null ? info(topic, parts.join("; ")) : ok(topic, parts.join("; "));
}

/**
 * The backups: a summary, one line for each check that fails, and each backup with the name that `ops restore` takes.
 * @param list undefined for a stack without backups.
 * @param next when the next daily backup is, such as "in 3 hours".
 */
export function backupLines(list: Source<BackupList> | undefined, next: string | undefined): Line[] {
  if (list === undefined) return [info(topic, "not configured")];
  if (!list.ok) return [fail(topic, `cannot be read: ${list.cause}`, list.fix)];
  const failed = backupChecks(list.value, next).filter(({ ok: isGood }) => !isGood);
  const { backups, now } = list.value;
  return [
    summary(list.value, next),
    ...failed.map(({ check, detail, fix }) => fail(topic, `not true: ${check}: ${detail}`, fix ?? "ops doctor")),
    ...(backups ?? []).map((backup) => info(topic, renderBackup(backup, now))),
  ];
}
