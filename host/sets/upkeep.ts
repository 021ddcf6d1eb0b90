import { rootDirectory, rootfs } from "../rootfs";
import { running, type FileSetSpec } from "./file-set-spec";

/** Unattended upkeep: security updates, a journal with a size limit, log rotation. */
export const upkeepSet = (): FileSetSpec => ({
  sharing: "equal",
  entries: { "/etc/systemd/journald.conf.d": rootDirectory, ...rootfs("upkeep") },
  units: { "apt-daily.timer": running, "apt-daily-upgrade.timer": running, "logrotate.timer": running },
  validate: [["apt-config", "dump"]],
  activate: [["systemctl", "restart", "systemd-journald.service"]],
});
