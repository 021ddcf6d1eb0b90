import { describe, expect, test } from "vitest";
import { firewallSet, type FirewallSettings } from "../../../host/sets/firewall";

const connection = { host: "203.0.113.7", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" };
const settings = { app: "memoryloop", subnet: "10.213.0.0/16", connectionsPerAddress: 1000, allow: [] };
const service = { subnet: "10.213.0.0/16", gateway: "10.213.0.1", port: 11434 };

function textOf(path: string, change: Partial<FirewallSettings> = {}): string {
  const entry = firewallSet(connection, { ...settings, ...change }).entries[path];
  return entry?.kind === "file" ? entry.content : "";
}
const shared = "/etc/nftables.d/vps.nft";
const own = "/etc/nftables.d/vps/memoryloop.nft";
const serviceRule = "ip saddr 10.213.0.0/16 ip daddr 10.213.0.1 tcp dport 11434 accept";

describe("firewallSet", () => {
  test("opens sshd's default port, the port of our connection, http and https", () => {
    expect(textOf(shared)).toContain("tcp dport { 22, 80, 443, 2222 } accept");
  });

  test("replaces only its own table", () => {
    const commands = `${textOf(shared)}${textOf(own)}`.replace(/^#.*$/gm, "");
    expect(commands).not.toContain("flush");
    expect(commands.match(/(table|delete table) \S+ \S+/g)).toEqual([
      "table inet vps",
      "delete table inet vps",
      "table inet vps",
      "table inet vps",
    ]);
  });

  test("names the app and its network only in the app's own file", () => {
    expect(textOf(shared, { service })).toBe(textOf(shared, { app: "shop", subnet: "10.9.0.0/16" }));
    expect(textOf(own)).not.toContain("{{");
  });

  test("lets the containers use one service of the server, at the gateway of their network", () => {
    const lines = textOf(own, { service }).split("\n");
    expect(lines).toContain(`        ${serviceRule}`);
    expect(lines).toContain(`add rule inet vps input ${serviceRule}`);
    expect(textOf(own)).not.toContain("daddr 10.213.0.1");
  });

  test("limits the connections of one address", () => {
    expect(textOf(own, { connectionsPerAddress: 77 }).match(/ct count over 77 }/g)).toHaveLength(2);
  });

  test("leaves the ports open that the owner keeps for other services", () => {
    const allow = ["51820/udp", "25/tcp"];
    expect(textOf(own, { allow }).split("\n").slice(-3)).toEqual([
      'add rule inet vps input udp dport 51820 accept comment "host.allow"',
      'add rule inet vps input tcp dport 25 accept comment "host.allow"',
      "",
    ]);
    expect(textOf(shared, { allow })).toBe(textOf(shared));
  });
});
