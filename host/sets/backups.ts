import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";

const units = ["backup.timer", "backup-drill.timer", "backup-watch.timer", "recover.path"];

/** The backup job: its scripts, the units that run them, and their timers. */
export function backupsSet(app: string): FileSetSpec {
  const entries = { [`/usr/local/lib/${app}-backup`]: rootDirectory, ...rootfs("backups", { app }) };
  return {
    entries,
    units: Object.fromEntries(units.map((unit) => [`${app}-${unit}`, running])),
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
