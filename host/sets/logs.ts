import { rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";

/** How long the app's log files are kept (docs/data-model.md section 3), and how large they can become. */
const limits = { days: "14", dayMegabytes: "50", totalMegabytes: "250" };

/** The app's log files: /opt/<app>/logs/app/app-<date>.log. */
export function logsSet(app: string): FileSetSpec {
  const entries = rootfs("logs", { app, sandbox, ...limits });
  return {
    entries,
    units: { [`${app}-logs.timer`]: running },
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
