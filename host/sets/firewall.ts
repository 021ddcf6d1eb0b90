import type { Connection } from "../connection";
import { rootDirectory, rootfs } from "../rootfs";
import { running, scriptFolder, type FileSetSpec } from "./file-set-spec";

/** A service of the server itself that the app's containers use, at the gateway of their network. */
export interface HostService {
  readonly subnet: string;
  readonly gateway: string;
  readonly port: number;
}

/** The open ports: sshd's default port, the port of our own connection, http and https. */
function openPorts({ port }: Connection): string {
  const ports = [...new Set([22, 80, 443, port])];
  return ports.toSorted((a, b) => a - b).join(", ");
}

/** A rule for each port that the owner keeps open for another service, such as `51820/udp`. */
const allowRules = (allow: readonly string[]): string =>
  allow
    .map((entry) => entry.split("/"))
    .map(([port = "", protocol = ""]) => `        ${protocol} dport ${port} accept comment "host.allow"\n`)
    .join("");

/**
 * The firewall: only ssh, http, https and the allowed ports reach the server; the app's containers also reach the service
 * they are given.
 */
export const firewallSet = (
  app: string,
  connection: Connection,
  service: HostService | undefined,
  allow: readonly string[],
): FileSetSpec => ({
  entries: {
    "/etc/nftables.d": rootDirectory,
    "/etc/nftables.d/vps": rootDirectory,
    ...rootfs("firewall", { ports: openPorts(connection), allow: allowRules(allow) }),
    ...(service && rootfs("host-service", { app, ...service, port: String(service.port) })),
  },
  units: { "vps-firewall.service": running },
  validate: [[`${scriptFolder}/nftables-validate`]],
  activate: [[`${scriptFolder}/nftables-activate`]],
  inForce: [[`${scriptFolder}/nftables-in-force`]],
});
