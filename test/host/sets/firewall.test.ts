import { describe, expect, test } from "vitest";
import { firewallSet } from "../../../host/sets/firewall";

const connection = { host: "203.0.113.7", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" };
const contentOf = (entry: unknown): unknown => (entry as { content: unknown }).content;

describe("firewallSet", () => {
  test("opens sshd's own port, the port of our connection, http and https", () => {
    const { entries } = firewallSet("memoryloop", connection, undefined, []);
    expect(contentOf(entries["/etc/nftables.d/vps.nft"])).toContain("tcp dport { 22, 80, 443, 2222 } accept");
    expect(Object.keys(entries)).not.toContain("/etc/nftables.d/vps/memoryloop.nft");
  });

  test("never touches another table", () => {
    const { entries } = firewallSet("memoryloop", connection, undefined, []);
    expect(String(contentOf(entries["/etc/nftables.d/vps.nft"])).replace(/^#.*$/gm, "")).not.toContain("flush");
  });

  test("lets the app's network through to a service of the host, at its gateway only", () => {
    const { entries } = firewallSet(
      "memoryloop",
      connection,
      {
        subnet: "10.213.0.0/16",
        gateway: "10.213.0.1",
        port: 11434,
      },
      [],
    );
    expect(contentOf(entries["/etc/nftables.d/vps/memoryloop.nft"])).toContain(
      "ip saddr 10.213.0.0/16 ip daddr 10.213.0.1 tcp dport 11434 accept",
    );
  });

  test("leaves the ports open that the owner keeps for other services", () => {
    const { entries } = firewallSet("memoryloop", connection, undefined, ["51820/udp", "25/tcp"]);
    expect(contentOf(entries["/etc/nftables.d/vps.nft"])).toContain(
      'udp dport 51820 accept comment "host.allow"\n        tcp dport 25 accept comment "host.allow"\n',
    );
  });
});
