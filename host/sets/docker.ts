import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, type FileSetSpec } from "./file-set-spec";

const daemonFile = "/etc/docker/daemon.json";

/** The settings of Docker's daemon that this program needs. */
export const daemonSettings = (): Readonly<Record<string, unknown>> =>
  JSON.parse(rootfs("docker")[daemonFile]?.content ?? "{}") as Record<string, unknown>;

/**
 * Docker's daemon: containers survive its restart, log to the journal, get no privileges and cannot reach each other. Other
 * settings that the server's daemon.json has stay as they are.
 */
export function dockerSet(): FileSetSpec {
  const files = rootfs("docker");
  return {
    sharing: "equal",
    entries: {
      "/etc/docker": rootDirectory,
      "/etc/systemd/system/docker.service.d": rootDirectory,
      ...files,
      ...(files[daemonFile] && { [daemonFile]: { ...files[daemonFile], merge: "json" } }),
    },
    units: { "docker.service": running },
    validate: [[`${scriptFolder}/docker-validate`]],
    activate: [reloadSystemd, [`${scriptFolder}/docker-activate`]],
    inForce: [[`${scriptFolder}/docker-in-force`]],
  };
}
