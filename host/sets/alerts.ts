import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";

/** The programs that find and send an app's alerts, and the timer that starts them. Their settings are another set. */
export function alertsSet(app: string): FileSetSpec {
  const entries = {
    [`/var/lib/${app}/alerts`]: { ...rootDirectory, mode: "0700" },
    ...rootfs("alerts", { app, sandbox }),
  };
  return {
    entries,
    units: { [`${app}-alerts.timer`]: running },
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd],
  };
}
