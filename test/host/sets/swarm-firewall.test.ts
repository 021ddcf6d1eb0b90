import { expect, test } from "vitest";
import { swarmFirewall } from "../../../host/sets/swarm-firewall";

function rulesFor(peers: readonly string[]): string[] {
  const entry = swarmFirewall(peers)["/etc/nftables.d/vps/_swarm.nft"];
  return (entry?.kind === "file" ? entry.content : "").split("\n").filter((line) => line.startsWith("add rule"));
}

test("opens Swarm's ports to each peer, and to nobody else", () => {
  expect(rulesFor(["10.0.0.3", "fd00::4"])).toEqual([
    "add rule inet vps input ip saddr 10.0.0.3 tcp dport { 2377, 7946, 8090 } accept",
    "add rule inet vps input ip saddr 10.0.0.3 udp dport { 4789, 7946 } accept",
    "add rule inet vps input ip saddr 10.0.0.3 meta l4proto esp accept",
    "add rule inet vps input ip6 saddr fd00::4 tcp dport { 2377, 7946, 8090 } accept",
    "add rule inet vps input ip6 saddr fd00::4 udp dport { 4789, 7946 } accept",
    "add rule inet vps input ip6 saddr fd00::4 meta l4proto esp accept",
  ]);
  expect(rulesFor([])).toEqual([]);
});
