import type { Inventory } from "../inventory";
import { adoptCommand, problem, type Expectations, type Problem } from "./problem";

export function firewallProblems({ ufw, firewalld, "nft-drop": tables }: Inventory, expected: Expectations): Problem[] {
  const missing = ["80", "443"].filter(
    (port) => !ufw.some(({ allowed }) => allowed.some((one) => one.startsWith(port))),
  );
  return [
    ...(ufw.length > 0 && missing.length > 0
      ? [problem(`ufw is active and blocks port ${missing.join(" and ")}`, "ufw allow 80/tcp && ufw allow 443/tcp")]
      : []),
    ...firewalld
      .filter(({ allowed }) => !(allowed.includes("http") && allowed.includes("https")))
      .map(() =>
        problem(
          "firewalld is active and blocks port 80 or 443",
          "firewall-cmd --permanent --add-service=http --add-service=https && firewall-cmd --reload",
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
}

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
