import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, type FileSetSpec } from "./file-set-spec";

/** Docker's daemon: containers survive its restart, log to the journal, get no privileges and cannot reach each other. */
export const dockerSet = (): FileSetSpec => ({
  entries: {
    "/etc/docker": rootDirectory,
    "/etc/systemd/system/docker.service.d": rootDirectory,
    ...rootfs("docker"),
  },
  units: { "docker.service": running },
  validate: [[`${scriptFolder}/docker-validate`]],
  activate: [reloadSystemd, [`${scriptFolder}/docker-activate`]],
  inForce: [[`${scriptFolder}/docker-in-force`]],
});
