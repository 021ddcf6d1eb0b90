import { renderTemplate } from "../host/template";
import type { Connection } from "../provider/connection";
import { readRepositoryFile } from "../repository";
import type { Entry, FileSetArgs } from "../resources/file-set";
import type { HostService } from "./host-service";

/** A file set of the host, without what all of them have in common. */
export type HostSet = Omit<FileSetArgs, "connection" | "set" | "entries"> & { entries: Record<string, Entry> };

const running = { enabled: true, active: true };
const scripts = "/usr/local/lib/vps";

/** Brings a change of nginx's files into force without a lost request. */
export const reloadNginx = [`${scripts}/nginx-reload`];

/** Whether nginx serves a domain's certificate as it is on disk. */
export const servedAsOnDisk = (domain: string): string[] => [`${scripts}/nginx-in-force`, domain];

/** Has systemd look at the unit files of a set, before anything changes. */
export const unitSyntax = (entries: Readonly<Record<string, unknown>>): string[] => [
  `${scripts}/systemd-validate`,
  ...Object.keys(entries).flatMap((path) => /^\/etc\/systemd\/system\/([^/]+)$/.exec(path)?.[1] ?? []),
];

const file = (content: string, mode = "0644"): Entry => ({ kind: "file", content, mode, owner: "root:root" });
const directory: Entry = { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" };
const template = (path: readonly string[], values: Record<string, string> = {}): Entry =>
  file(renderTemplate(path, values));

const scriptNames = [
  ["docker", "validate"],
  ["docker", "activate"],
  ["docker", "in-force"],
  ["nftables", "validate"],
  ["nftables", "activate"],
  ["nftables", "in-force"],
  ["sshd", "prove-login"],
  ["sshd", "in-force"],
  ["systemd", "validate"],
  ["nginx", "reload"],
  ["nginx", "in-force"],
  ["logs", "append"],
] as const;

/** The programs that the other sets are checked and put into force with, and that run by themselves. */
export function hostScripts(): HostSet {
  const entries = scriptNames.map(([kind, name]) => [
    `${scripts}/${kind}-${name}`,
    file(readRepositoryFile("host", kind, `${name}.sh`), "0755"),
  ]);
  return { entries: { [scripts]: directory, ...(Object.fromEntries(entries) as Record<string, Entry>) } };
}

/** Docker's daemon: containers outlive it, log to the journal, gain no privileges and do not see each other. */
export const dockerDaemon = (): HostSet => ({
  entries: { "/etc/docker": directory, "/etc/docker/daemon.json": template(["docker", "daemon.json"]) },
  units: { "docker.service": running },
  validate: [[`${scripts}/docker-validate`]],
  activate: [[`${scripts}/docker-activate`]],
  inForce: [[`${scripts}/docker-in-force`]],
});

/** Ports that are open: sshd's own default and the one we come by, http, https. */
function openPorts({ port }: Connection): string {
  const ports = [...new Set([22, 80, 443, port])];
  return ports.toSorted((a, b) => a - b).join(", ");
}

/** The firewall: nothing but ssh, http and https reaches the host, and the app's containers the service they are given. */
export function firewall(app: string, connection: Connection, service: HostService | undefined): HostSet {
  const rules = "/etc/nftables.d";
  const hole = service && { app, ...service, port: String(service.port) };
  return {
    entries: {
      [rules]: directory,
      [`${rules}/vps`]: directory,
      [`${rules}/vps.nft`]: template(["nftables", "vps.nft"], { ports: openPorts(connection) }),
      ...(hole && { [`${rules}/vps/${app}.nft`]: template(["nftables", "host-service.nft"], hole) }),
      "/etc/systemd/system/vps-firewall.service": template(["systemd", "vps-firewall.service"]),
    },
    units: { "vps-firewall.service": running },
    validate: [[`${scripts}/nftables-validate`]],
    activate: [[`${scripts}/nftables-activate`]],
    inForce: [[`${scripts}/nftables-in-force`]],
  };
}

const auditedKeys = [
  { file: "ssh_host_ed25519_key", algorithms: ["ssh-ed25519"] },
  { file: "ssh_host_rsa4096_key", algorithms: ["rsa-sha2-512", "rsa-sha2-256"] },
] as const;

/** The keys sshd shows: those of the policy, and the pinned one, if it is of another type; without it nobody gets in. */
export function hostKeys({ hostKey }: Connection): readonly { file: string; algorithms: readonly string[] }[] {
  const [type = ""] = hostKey.split(" ");
  if (type === "ssh-rsa") return [auditedKeys[0], { ...auditedKeys[1], file: "ssh_host_rsa_key" }];
  if (type.startsWith("ecdsa-")) return [...auditedKeys, { file: "ssh_host_ecdsa_key", algorithms: [type] }];
  return auditedKeys;
}

/** sshd: keys only, and strong ones; a login with the new settings is proved before they count. */
export function sshDaemon(connection: Connection): HostSet {
  const keys = hostKeys(connection);
  const values = {
    hostKeys: keys.map((key) => `HostKey /etc/ssh/${key.file}\n`).join(""),
    hostKeyAlgorithms: keys.flatMap(({ algorithms }) => algorithms).join(","),
  };
  return {
    entries: { "/etc/ssh/sshd_config.d/00-vps.conf": template(["sshd", "vps.conf"], values) },
    units: { "ssh.service": running },
    validate: [[`${scripts}/sshd-prove-login`, connection.user, connection.hostKey]],
    activate: [["systemctl", "reload-or-restart", "ssh.service"]],
    inForce: [[`${scripts}/sshd-in-force`]],
  };
}

/** What keeps a host in good order by itself: security updates, a journal with a limit, logs that are rotated. */
export const upkeep = (): HostSet => ({
  entries: {
    "/etc/apt/apt.conf.d/52vps": template(["unattended-upgrades", "52vps"]),
    "/etc/systemd/journald.conf.d": directory,
    "/etc/systemd/journald.conf.d/vps.conf": template(["journald", "vps.conf"]),
  },
  units: { "apt-daily.timer": running, "apt-daily-upgrade.timer": running, "logrotate.timer": running },
  validate: [["apt-config", "dump"]],
  activate: [["systemctl", "restart", "systemd-journald.service"]],
});

/** The app's log files: /opt/<app>/logs/app/app-<date>.log, kept for 14 days. */
export function appLogs(app: string): HostSet {
  const entries = {
    [`/etc/systemd/system/${app}-logs.service`]: template(["systemd", "app-logs.service"], { app, days: "14" }),
    [`/etc/systemd/system/${app}-logs.timer`]: template(["systemd", "app-logs.timer"], { app }),
  };
  return {
    entries,
    units: { [`${app}-logs.timer`]: running },
    validate: [unitSyntax(entries)],
    activate: [["systemctl", "daemon-reload"]],
  };
}
