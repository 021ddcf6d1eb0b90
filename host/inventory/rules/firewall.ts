import type { Inventory } from "../inventory";
import { adoptCommand, problem, type Expectations, type Problem } from "./problem";

/** Whether a rule of ufw or firewalld, such as `80,443/tcp`, `6000:6010/tcp`, `79-81/tcp` or `any`, lets a TCP port in. */
function letsIn(port: number, rule: string): boolean {
  const [ports = "", protocol = "any"] = rule.split("/");
  if (!["tcp", "any"].includes(protocol)) return false;
  return ports.split(",").some((one) => {
    const [from = "", to = from] = one.split(/[:-]/);
    return one === "any" || (Number(from) <= port && port <= Number(to));
  });
}

const missing = (allowed: readonly string[]): number[] =>
  [80, 443].filter((port) => !allowed.some((rule) => letsIn(port, rule)));

/** firewalld's services for the site, as ports. */
const servicePorts: Readonly<Record<string, string>> = { http: "80/tcp", https: "443/tcp" };

/** The problem of an active firewall that keeps visitors out. `opening` is the command that lets the ports in. */
function blocked(
  name: string,
  allowed: readonly string[],
  opening: (ports: readonly number[]) => string,
  expected: Expectations,
): Problem[] {
  const ports = missing(allowed);
  if (ports.length === 0) return [];
  return [
    problem(
      `${name} is active and blocks port ${ports.join(" and ")}`,
      opening(ports),
      `${adoptCommand(expected, "firewall")}   lets the program do it; \`ops destroy\` takes the rules out again`,
    ),
  ];
}

const openUfw = (ports: readonly number[]): string => ports.map((port) => `ufw allow ${port}/tcp`).join(" && ");
const openFirewalld = (): string =>
  "firewall-cmd --permanent --add-service=http --add-service=https && firewall-cmd --reload";

/** Firewalls of others that keep visitors out. The owner can let the program open its ports in ufw and firewalld. */
export const firewallProblems = (
  { ufw, firewalld, "nft-drop": tables }: Inventory,
  expected: Expectations,
): Problem[] => [
  ...ufw.flatMap(({ allowed }) => blocked("ufw", allowed, openUfw, expected)),
  ...firewalld.flatMap(({ allowed }) =>
    blocked(
      "firewalld",
      allowed.map((name) => servicePorts[name] ?? name),
      openFirewalld,
      expected,
    ),
  ),
  ...tables.map(({ table }) =>
    problem(
      `the nftables table "${table}" drops what it does not accept`,
      "let it accept tcp ports 80 and 443",
      `${adoptCommand(expected, "firewall")}   once it does`,
    ),
  ),
];

/** Clients and helpers of the system that lose nothing when strangers cannot reach them. */
const harmless =
  /^(dhclient|dhcpcd|systemd-|chronyd|ntpd|avahi-|sshd$|nginx$|docker-proxy$|dockerd$|rpcbind$|systemd$)/;

const isLoopback = (address: string): boolean => /^(127\.|\[?::1)/.test(address);

const ownFirewall = "/etc/nftables.d/vps.nft";

/**
 * Services that the firewall would cut off from the world. Once the program's firewall is on the server, a new service
 * was never reachable from outside, so no update asks about it.
 */
export function cutServices({ listener, owned }: Inventory, expected: Expectations): Problem[] {
  const { allow, sshPort } = expected;
  if (owned.some(({ path }) => path === ownFirewall)) return [];
  const cut = listener.filter(
    ({ protocol, address, port, process }) =>
      !isLoopback(address) &&
      (process === "" || !harmless.test(process)) &&
      !(protocol === "tcp" && [22, 80, 443, sshPort].includes(port)) &&
      !allow.includes(`${port}/${protocol}`),
  );
  const ports = [
    ...new Set(
      cut.map(({ port, protocol, process }) => `${port}/${protocol} (${process || "the kernel, such as WireGuard"})`),
    ),
  ];
  if (ports.length === 0) return [];
  const [first = ""] = cut.map(({ port, protocol }) => `${port}/${protocol}`);
  return [
    problem(
      `the firewall would close ${ports.join(", ")}`,
      `pulumi config set --path 'host.allow[${allow.length}]' ${first}   keeps a port open`,
      `${adoptCommand(expected, "firewall")}   closes them`,
    ),
  ];
}
