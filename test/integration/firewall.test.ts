import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { firewallSet } from "../../host/sets/firewall";
import { swarmFirewall } from "../../host/sets/swarm-firewall";
import { ensureImage } from "../../rehearsal/world/images";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const subnet = "10.213.0.0/16";
const service = { subnet, gateway: "10.213.0.1", port: 11434 };
const { entries } = firewallSet(connection, { app: "app", subnet, connectionsPerAddress: 5, allow: [], service });

/** A server, an app behind its bridge network, and a neighbour with the address of a cloud's metadata service. */
const network = `
  ip netns add app; ip netns add neighbour
  ip link add a0 type veth peer name a1; ip link set a1 netns app
  ip addr add 10.213.0.1/16 dev a0; ip link set a0 up
  ip -n app addr add 10.213.1.2/16 dev a1; ip -n app link set a1 up; ip -n app route add default via 10.213.0.1
  ip link add n0 type veth peer name n1; ip link set n1 netns neighbour
  ip addr add 192.0.2.1/24 dev n0; ip link set n0 up
  ip -n neighbour addr add 192.0.2.2/24 dev n1; ip -n neighbour addr add 169.254.169.254/32 dev n1
  ip -n neighbour link set n1 up
  ip -n neighbour route add 10.213.0.0/16 via 192.0.2.1; ip route add 169.254.169.254 via 192.0.2.2
  serve() { "$@" >/dev/null 2>&1 & }
  serve ip netns exec app python3 -m http.server 3000
  serve ip netns exec neighbour python3 -m http.server 80
  for port in 22 443 9999 11434; do serve python3 -m http.server $port; done
  until [ "$(ss --no-header --listening --tcp | wc --lines)" -ge 4 ]; do sleep 0.1; done; sleep 2`;

const ways = {
  "server to container": "curl http://10.213.1.2:3000/",
  "neighbour to container": "ip netns exec neighbour curl http://10.213.1.2:3000/",
  "container to internet": "ip netns exec app curl http://192.0.2.2/",
  "container to metadata": "ip netns exec app curl http://169.254.169.254/",
  "container to sshd": "ip netns exec app curl http://10.213.0.1:22/",
  "container to sshd at the public address": "ip netns exec app curl http://192.0.2.1:22/",
  "container to another port": "ip netns exec app curl http://10.213.0.1:9999/",
  "container to the host service": "ip netns exec app curl http://10.213.0.1:11434/",
  "container to a public site": "ip netns exec app curl http://192.0.2.1:443/",
  "neighbour to a public site": "ip netns exec neighbour curl http://192.0.2.1:443/",
};

const openOf = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, curl]) => `${curl} --silent --output /dev/null --max-time 5 && echo '${name}'`)
    .join("\n");
const openWays = openOf(ways);

/** The same server in a Swarm: a task behind docker_gwbridge with a published port, and a peer beside the neighbour. */
const swarm = `${network.replaceAll("a0", "docker_gwbridge")}
  ip -n neighbour addr add 192.0.2.3/24 dev n1
  for port in 2377 7946 21001; do serve python3 -m http.server $port; done; sleep 2
  nft 'table ip nat {
    chain from-outside { type nat hook prerouting priority dstnat; tcp dport 21002 dnat to 10.213.1.2:3000; }
    chain from-server { type nat hook output priority -100; tcp dport 21002 dnat to 10.213.1.2:3000; }
  }'`;

const swarmWays = {
  "server to its published port": "curl http://192.0.2.1:21002/",
  "neighbour to a published port": "ip netns exec neighbour curl http://192.0.2.1:21002/",
  "peer to a published port": "ip netns exec neighbour curl --interface 192.0.2.3 http://192.0.2.1:21002/",
  "neighbour to port 2377": "ip netns exec neighbour curl http://192.0.2.1:2377/",
  "peer to port 2377": "ip netns exec neighbour curl --interface 192.0.2.3 http://192.0.2.1:2377/",
  "neighbour to port 7946": "ip netns exec neighbour curl http://192.0.2.1:7946/",
  "peer to port 7946": "ip netns exec neighbour curl --interface 192.0.2.3 http://192.0.2.1:7946/",
  "peer to another port": "ip netns exec neighbour curl --interface 192.0.2.3 http://192.0.2.1:9999/",
  "task to internet": "ip netns exec app curl http://192.0.2.2/",
  "task to metadata": "ip netns exec app curl http://169.254.169.254/",
  "task to sshd": "ip netns exec app curl http://10.213.0.1:22/",
  "task to port 2377": "ip netns exec app curl http://192.0.2.1:2377/",
  "task to a public site": "ip netns exec app curl http://192.0.2.1:443/",
};

const written = (set: typeof entries): string =>
  Object.entries(set)
    .map(([path, entry]) =>
      entry.kind === "file" ? `mkdir -p $(dirname ${path}); cat >${path} <<'END'\n${entry.content}\nEND` : "",
    )
    .join("\n");
const files = written(entries);

/** Opens connections until one is refused. */
const connections = `ip netns exec neighbour python3 -c '
import socket
held = []
try:
    while len(held) < 50: held.append(socket.create_connection(("192.0.2.1", 443), 5))
except OSError: pass
print(len(held))'`;

let image: string;
beforeAll(async () => {
  image = await ensureImage("vps", () => undefined);
});

function inContainer(script: string): string[] {
  const rights = ["--cap-add", "NET_ADMIN", "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"];
  const words = [
    "run",
    "--rm",
    "--interactive",
    "--sysctl",
    "net.ipv4.ip_forward=1",
    ...rights,
    "--entrypoint",
    "bash",
  ];
  const { stdout, stderr } = spawnSync("docker", [...words, image], { input: script, encoding: "utf8" });
  return (stdout || stderr).trim().split("\n");
}

describe("the firewall", () => {
  test("blocks exactly the forbidden connections", () => {
    expect(inContainer(`${network}\n${openWays}`)).toEqual(Object.keys(ways));
    expect(inContainer(`${files}\n${network}\nnft --file /etc/nftables.d/vps.nft\n${openWays}`)).toEqual([
      "server to container",
      "container to internet",
      "container to the host service",
      "container to a public site",
      "neighbour to a public site",
    ]);
  });

  test("in a Swarm, opens Swarm's ports to the peers and a published port to the server alone", () => {
    const bare = firewallSet(connection, { app: "other", subnet: "10.9.0.0/16", connectionsPerAddress: 5, allow: [] });
    const inSwarm = `${written(bare.entries)}\n${written(swarmFirewall(["192.0.2.3"]))}`;
    expect(inContainer(`${swarm}\n${openOf(swarmWays)}`)).toEqual(Object.keys(swarmWays));
    expect(inContainer(`${inSwarm}\n${swarm}\nnft --file /etc/nftables.d/vps.nft\n${openOf(swarmWays)}`)).toEqual([
      "server to its published port",
      "peer to port 2377",
      "peer to port 7946",
      "task to internet",
      "task to a public site",
    ]);
  });

  test("limits the open connections of one address", () => {
    expect(inContainer(`${network}\n${connections}`)).toEqual(["50"]);
    expect(inContainer(`${files}\n${network}\nnft --file /etc/nftables.d/vps.nft\n${connections}`)).toEqual(["5"]);
  });
});
