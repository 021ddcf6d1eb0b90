import { rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";

/** Days that the app's log files are kept (docs/data-model.md section 3). */
const keptDays = 14;

/** The app's log files: /opt/<app>/logs/app/app-<date>.log. */
export function logsSet(app: string): FileSetSpec {
  const entries = rootfs("logs", { app, days: String(keptDays) });
  return {
    entries,
    units: { [`${app}-logs.timer`]: running },
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
