import { readRepositoryFile } from "../../repository";
import { fillTemplate, rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox, settingsIn } from "./sandbox";

const units = ["backup.timer", "backup-drill.timer", "recover.path"];

/** The lines of the units that limit what the backup scripts may do. The two files on the server have the same lines. */
function sandboxOf(app: string): string {
  const opened = readRepositoryFile("rootfs/backups/usr/local/lib/{{app}}-backup/sandbox.conf");
  return `${sandbox}\n${fillTemplate(settingsIn(opened), { app })}`;
}

/** The backup job: its scripts, the units that run them, their timers, and the directories that they work in. */
export function backupsSet(app: string): FileSetSpec {
  const entries = {
    [`/usr/local/lib/${app}-backup`]: rootDirectory,
    [`/usr/local/lib/${app}-backup/kinds`]: rootDirectory,
    [`/var/lib/${app}/backups`]: { ...rootDirectory, mode: "0700" },
    [`/opt/${app}/scratch`]: { ...rootDirectory, mode: "0711" },
    ...rootfs("backups", { app, sandbox: sandboxOf(app) }),
  };
  return {
    entries,
    units: Object.fromEntries(units.map((unit) => [`${app}-${unit}`, running])),
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
