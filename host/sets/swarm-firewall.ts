import { peerPort } from "../nginx/peers";
import { rootDirectory, rootfs } from "../rootfs";
import type { FileSetSpec } from "./file-set-spec";

/** Members talk on 2377/tcp and 7946; the overlay network is VXLAN on 4789/udp, in ESP when it is encrypted. nginx asks nginx. */
const openForPeers = [`tcp dport { 2377, 7946, ${peerPort} }`, "udp dport { 4789, 7946 }", "meta l4proto esp"];

const peerRules = (peers: readonly string[]): string =>
  peers
    .flatMap((peer) => openForPeers.map((match) => `${peer.includes(":") ? "ip6" : "ip"} saddr ${peer} ${match}`))
    .map((rule) => `add rule inet vps input ${rule} accept`)
    .join("\n");

/**
 * Files of the firewall on a server of a Docker Swarm. The ports of Swarm are open for the private addresses of the other
 * servers alone. The published ports of releases are open for the server itself alone.
 */
export const swarmFirewall = (peers: readonly string[]): FileSetSpec["entries"] => ({
  "/etc/nftables.d": rootDirectory,
  "/etc/nftables.d/vps": rootDirectory,
  ...rootfs("swarm-firewall", { peers: peerRules(peers) }),
});
