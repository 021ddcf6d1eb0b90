import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, type FileSetSpec } from "./file-set-spec";

const daemonFile = "/etc/docker/daemon.json";

/** The settings of Docker's daemon that this program needs. */
export const daemonSettings = (): Readonly<Record<string, unknown>> =>
  JSON.parse(rootfs("docker")[daemonFile]?.content ?? "{}") as Record<string, unknown>;

/** Swarm refuses live-restore. `false` is written out, because other settings of the server's file stay. */
const swarmDaemon = (): string => `${JSON.stringify({ ...daemonSettings(), "live-restore": false }, undefined, 2)}\n`;

/** Succeeds while the running Docker has the settings of a server in a Swarm. */
const swarmInForce = [
  "bash",
  "-c",
  `[ "$(docker info --format '{{.LiveRestoreEnabled}} {{.LoggingDriver}}')" = "false journald" ]`,
];

/** Docker's daemon on a server of a cluster: as on one server, but its containers end with it. */
export function swarmDockerSet(): FileSetSpec {
  const set = dockerSet();
  const daemon = set.entries[daemonFile];
  if (daemon?.kind !== "file") throw new Error(`the file set of Docker has no ${daemonFile}`);
  return {
    ...set,
    entries: { ...set.entries, [daemonFile]: { ...daemon, content: swarmDaemon() } },
    inForce: [swarmInForce],
  };
}

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
