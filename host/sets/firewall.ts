import type { Connection } from "../connection";
import { rootDirectory, rootfs } from "../rootfs";
import { running, scriptFolder, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";
import { swarmFirewall } from "./swarm-firewall";

/** A service of the server itself that the app's containers use, at the gateway of their network. */
export interface HostService {
  readonly subnet: string;
  readonly gateway: string;
  readonly port: number;
}

export interface FirewallSettings {
  readonly app: string;
  /** Network of the app's containers. */
  readonly subnet: string;
  /** Open connections to ports 80 and 443 that one client address can have. */
  readonly connectionsPerAddress: number;
  /** Networks of proxies in front of the server. Each address carries many visitors, so no limit holds for them. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** A service of the server that the containers may use. */
  readonly service?: HostService | undefined;
  /** Ports of other services that stay open, such as `51820/udp`. */
  readonly allow: readonly string[];
  /** Private addresses of the other servers of a cluster. Undefined for one server. */
  readonly peers?: readonly string[] | undefined;
  /** Whether the owner of the server lets the program open the site's ports in an active ufw or firewalld. @default false */
  readonly opensOthers?: boolean | undefined;
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
    .map(
      ([port = "", protocol = ""]) => `\nadd rule inet vps input ${protocol} dport ${port} accept comment "host.allow"`,
    )
    .join("");

const serviceRule = ({ subnet, gateway, port }: HostService): string =>
  `ip saddr ${subnet} ip daddr ${gateway} tcp dport ${port} accept`;

/** The app's own file of the firewall. All other files are the same for every app. */
export const appFirewall = (app: string): string => `/etc/nftables.d/vps/${app}.nft`;

const proxyRules = (networks: readonly string[]): string =>
  networks.map((network) => `        ${network.includes(":") ? "ip6" : "ip"} saddr ${network} accept\n`).join("");

const firewallValues = ({ app, subnet, connectionsPerAddress, trustedProxies, service, allow }: FirewallSettings) => ({
  app,
  allow: allowRules(allow),
  subnet,
  proxies: proxyRules(trustedProxies ?? []),
  connections: String(connectionsPerAddress),
  toService: service ? `        ${serviceRule(service)}\n` : "",
  inputFromContainers: service ? `add rule inet vps input ${serviceRule(service)}` : "",
});

const sitePorts = ["80", "443"];

/** Opens the site's ports in another active firewall where its owner allows it. A set that goes closes what it opened. */
const otherFirewalls = (opens: boolean) => ({
  activate: [[`${scriptFolder}/other-firewalls`, ...(opens ? sitePorts : [])]],
  inForce: opens ? [[`${scriptFolder}/other-firewalls`, "check", ...sitePorts]] : [],
});

/**
 * The firewall: only ssh, http, https and the allowed ports reach the server, and only the server itself reaches the app's containers. The
 * containers reach the internet, the public sites of the server and the given service.
 */
export function firewallSet(connection: Connection, settings: FirewallSettings): FileSetSpec {
  const others = otherFirewalls(settings.opensOthers === true);
  return {
    sharing: "equal",
    entries: {
      "/etc/nftables.d": rootDirectory,
      "/etc/nftables.d/vps": rootDirectory,
      ...rootfs("firewall", { sandbox, ports: openPorts(connection), ...firewallValues(settings) }),
      ...(settings.peers && swarmFirewall(settings.peers)),
    },
    units: { "vps-firewall.service": running },
    validate: [[`${scriptFolder}/nftables-validate`]],
    activate: [[`${scriptFolder}/nftables-activate`], ...others.activate],
    inForce: [[`${scriptFolder}/nftables-in-force`], ...others.inForce],
  };
}
