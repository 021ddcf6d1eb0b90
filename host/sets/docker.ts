import { rootDirectory, rootfs } from "../rootfs";
import { running, scriptFolder, type FileSetSpec } from "./file-set-spec";

/** Docker's daemon: containers outlive it, log to the journal, gain no privileges and cannot reach each other. */
export const dockerSet = (): FileSetSpec => ({
  entries: { "/etc/docker": rootDirectory, ...rootfs("docker") },
  units: { "docker.service": running },
  validate: [[`${scriptFolder}/docker-validate`]],
  activate: [[`${scriptFolder}/docker-activate`]],
  inForce: [[`${scriptFolder}/docker-in-force`]],
});
