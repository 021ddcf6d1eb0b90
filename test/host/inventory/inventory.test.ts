import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseInventory, type Inventory } from "../../../host/inventory/inventory";
import { findProblems } from "../../../host/inventory/rules";
import type { Expectations } from "../../../host/inventory/rules/problem";
import { chooseSubnet, overlaps } from "../../../host/inventory/rules/subnet";

const recorded = (name: string): string => readFileSync(join(__dirname, "recorded", `${name}.txt`), "utf8");

const expected: Expectations = {
  app: "memoryloop",
  owner: "infra/prod/memoryloop",
  claims: { "path /etc/nginx/nginx.conf": "ours", "unit nginx.service": "ours" },
  host: "203.0.113.7",
  data: [],
  domains: ["memoryloop.test", "www.memoryloop.test"],
  subnet: "10.213.0.0/16",
  memoryMb: 1024,
  sshPort: 22,
  adopt: [],
  allow: [],
  now: 1_795_656_791_000,
};

const singleKinds = new Set(["os", "memory", "clock", "ipv6", "login", "docker", "nginx", "active"]);

const kindOf = (line: string): string => line.split("\t")[0] ?? "";

/** A fresh Debian 12 server with these lines: those of a kind that occurs once replace the line of that kind. */
function serverWith(...lines: readonly string[]): string {
  const replaced = lines.map(kindOf).filter((kind) => singleKinds.has(kind));
  const kept = recorded("fresh")
    .split("\n")
    .filter((line) => !["end", ""].includes(line) && !replaced.includes(kindOf(line)));
  return [...kept, ...lines, "end", ""].join("\n");
}

function inventoryOf(text: string): Inventory {
  const found = parseInventory(text);
  if (found === undefined) throw new Error("no inventory");
  return found;
}

const factsOf = (text: string, changes: Partial<Expectations> = {}, noise = ""): string[] =>
  findProblems(inventoryOf(text), noise, { ...expected, ...changes }).map(({ fact }) => fact);

const daemon = (settings: object): string =>
  `docker\tdocker.io\t20.10.24\t${Buffer.from(JSON.stringify(settings)).toString("base64")}`;

const system = (id: string, version: string, architecture = "x86_64", init = "systemd"): string =>
  `os\t${id}\t${version}\t${architecture}\t6.1.0\t${init}`;

describe("parseInventory", () => {
  test("reads a server that this program deployed", () => {
    const inventory = inventoryOf(recorded("deployed"));
    expect(inventory.os).toMatchObject({ id: "debian", version: "12", init: "systemd" });
    expect(inventory.docker.daemonJson).toContain('"live-restore": true');
    expect(inventory.lineage).toEqual([{ name: "memoryloop.test", authenticator: "webroot", live: true, hooks: 0 }]);
    expect(inventory.app).toEqual([{ name: "memoryloop" }]);
    expect(inventory.owned).toContainEqual({ path: "/etc/nginx/nginx.conf", owner: "" });
  });

  test("output without the last line is no inventory: a shell that does not read scripts exits with 0", () => {
    expect(parseInventory("")).toBeUndefined();
    expect(parseInventory(recorded("fresh").replace("end\n", ""))).toBeUndefined();
  });
});

const needed = "Debian 12 or newer, or Ubuntu 24.04 or newer, is needed";

describe("findProblems", () => {
  test.each(["fresh", "deployed"])("none on a %s server", (kind) => {
    expect(factsOf(recorded(kind))).toEqual([]);
  });

  test.each([
    ["Debian 13", [system("debian", "13"), "nginx\t1.26.3"]],
    ["Ubuntu 24.04", [system("ubuntu", "24.04", "aarch64"), "nginx\t1.24.0"]],
    ["Ubuntu 22.04 with nginx.org's nginx", [system("ubuntu", "22.04"), "nginx\t1.28.0"]],
    ["docker.com's Docker", ["docker\tdocker-ce\t28.5.1\t"]],
    [
      "Debian's untouched nginx",
      [
        "nginx\t1.22.1",
        "nginx-default\t/etc/nginx/sites-enabled/default\t80",
        "nginx-name\t/etc/nginx/sites-enabled/default\t_",
        "nginx-file\t/etc/nginx/nginx.conf\tpristine",
        "nginx-file\t/etc/nginx/sites-enabled/default\tpristine",
        "listener\ttcp\t0.0.0.0\t80\tnginx",
      ],
    ],
    ["Docker with other settings", [daemon({ "data-root": "/srv/docker", mtu: 1400, icc: false })]],
    [
      "another app of this program that agrees",
      [
        "owned\t/opt/shop\tinfra/prod/shop",
        "shared\tpath /etc/nginx/nginx.conf\tinfra/prod/shop\tours",
        "shared\tpath /etc/nginx/snippets/shop.conf\tinfra/prod/shop\ttheirs",
        "network\tshop\tshop\t10.77.0.0/16",
      ],
    ],
    [
      "our own files, broken by hand: drift, which an update repairs",
      [
        "owned\t/etc/nginx/nginx.conf\tinfra/prod/memoryloop",
        "owned\t/etc/nginx/sites-enabled/memoryloop.conf\tinfra/prod/memoryloop",
        'nginx-broken\tnginx: [emerg] unexpected end of file, expecting ";" or "}" in /etc/nginx/sites-enabled/memoryloop.conf:150',
      ],
    ],
    [
      "a missing certificate of a site on our nginx",
      [
        "owned\t/etc/nginx/nginx.conf\tinfra/prod/memoryloop",
        'nginx-broken\tnginx: [emerg] cannot load certificate "/etc/letsencrypt/live/memoryloop.test/fullchain.pem"',
      ],
    ],
    ["a login with fish", ["login\tdeploy\t1000\t/usr/bin/fish\tdeploy sudo"]],
    ["ufw that lets the site in", ["ufw\t22/tcp 80/tcp 443/tcp"]],
    ["ufw that lets a profile's ports in", ["ufw\t22/any 80,443/tcp"]],
    ["ufw that lets ranges in", ["ufw\t79:81/tcp 440:450/any"]],
    ["ufw that lets everything in by default", ["ufw\tany"]],
    ["firewalld that lets the site in", ["firewalld\tssh http 443/tcp"]],
    ["firewalld that lets a range in", ["firewalld\t79-81/tcp ssh https"]],
    [
      "the app's own site under its name before a rename",
      [
        "renamed\tnotes\tmemoryloop",
        "owned\t/etc/nginx/sites-enabled/notes.conf\tinfra/prod/notes",
        "nginx-name\t/etc/nginx/sites-enabled/notes.conf\tmemoryloop.test",
      ],
    ],
    ["a database on loopback", ["listener\ttcp\t127.0.0.1\t5432\tpostgres"]],
  ])("none on %s", (_, lines) => {
    expect(factsOf(serverWith(...lines))).toEqual([]);
  });

  test.each([
    [[system("debian", "11")], `the server runs debian 11; ${needed}`],
    [[system("ubuntu", "22.04")], `the server runs ubuntu 22.04; ${needed}`],
    [[system("alpine", "3.20")], `the server runs alpine 3.20; ${needed}`],
    [[system("debian", "12", "armv7l")], "the processor is armv7l; x86_64 or aarch64 is needed"],
    [
      [system("debian", "12", "x86_64", "dumb-init")],
      "process 1 is dumb-init, not systemd, which runs the site's units",
    ],
    [
      ["nginx-broken\tnginx: [emerg] unknown directive"],
      "nginx refuses its configuration: nginx: [emerg] unknown directive",
    ],
    [
      [
        "owned\t/etc/nginx/nginx.conf\tinfra/prod/memoryloop",
        "nginx-broken\tnginx: [emerg] unknown directive in /etc/nginx/sites-enabled/shop.conf:3",
      ],
      "nginx refuses its configuration: nginx: [emerg] unknown directive in /etc/nginx/sites-enabled/shop.conf:3",
    ],
    [["nginx\t1.18.0"], "nginx 1.18.0 is installed; 1.19.10 or newer is needed"],
    [["ipv6\tno"], "the kernel has IPv6 switched off, and nginx is told to listen on [::]"],
    [["clock\t1795653191"], "the server's clock is 3600 s behind this machine's; certificates would be refused"],
    [["memory\t512"], "the server has 512 MB of memory; the app alone may use 1024 MB"],
    [["listener\ttcp\t0.0.0.0\t80\tapache2"], "port 80 belongs to apache2"],
    [
      ["container\tshop\tshop:1\t\trunning\t0.0.0.0:443->8443/tcp", "listener\ttcp\t0.0.0.0\t443\tdocker-proxy"],
      "port 443 belongs to the container shop (shop:1)",
    ],
    [["docker\tsnap\t27.2.0\t"], "Docker is installed as a snap, which reads its configuration elsewhere"],
    [
      [daemon({ "data-root": "/srv/docker", "log-driver": "json-file", icc: true })],
      '/etc/docker/daemon.json sets icc to true, and this program needs false; log-driver to "json-file", and this program needs "journald"',
    ],
    [["disk\t/srv\t9000\t100"], "100 MB are free on /srv, 2048 are needed"],
    [["docker\tdocker.io\t20.10.24\tW1sK"], "/etc/docker/daemon.json is not a JSON object"],
    [
      ["owned\t/opt/memoryloop\tinfra/staging/memoryloop"],
      "the app memoryloop on this server belongs to infra/staging/memoryloop (project/stack/app); this stack is infra/prod/memoryloop",
    ],
    [
      [
        "shared\tpath /etc/nginx/nginx.conf\tinfra/prod/shop\ttheirs",
        "shared\tunit nginx.service\tinfra/prod/shop\tours",
      ],
      "infra/prod/memoryloop and infra/prod/shop share this server and want different content for /etc/nginx/nginx.conf",
    ],
    [
      ["nginx-name\t/etc/nginx/conf.d/shop.conf\tshop.example.com", "nginx-file\t/etc/nginx/conf.d/shop.conf\tchanged"],
      "nginx has files of others: /etc/nginx/conf.d/shop.conf, which serve shop.example.com",
    ],
    [
      ["nginx-name\t/etc/nginx/sites-enabled/old\tmemoryloop.test"],
      "/etc/nginx/sites-enabled/old already serves memoryloop.test",
    ],
    [
      ["nginx-default\t/etc/nginx/sites-enabled/old\t80", "nginx-default\t/etc/nginx/sites-enabled/old\t[::]:80"],
      "/etc/nginx/sites-enabled/old has the default server, and so has this program's nginx.conf, which answers no unknown name",
    ],
    [
      ["nginx-name\t/etc/nginx/sites-enabled/old\tWWW.memoryloop.test other.test"],
      "/etc/nginx/sites-enabled/old already serves www.memoryloop.test",
    ],
    [
      [
        "owned\t/etc/nginx/sites-enabled/shop.conf\tinfra/prod/shop",
        "nginx-name\t/etc/nginx/sites-enabled/shop.conf\tshop.test www.memoryloop.test",
      ],
      "www.memoryloop.test is already a name of infra/prod/shop on this server",
    ],
    [
      [
        "owned\t/etc/nginx/sites-enabled/shop.conf\t",
        "nginx-name\t/etc/nginx/sites-enabled/shop.conf\tmemoryloop.test",
      ],
      "memoryloop.test is already a name of shop on this server",
    ],
    [["ufw\t22/tcp 80/tcp"], "ufw is active and blocks port 443"],
    [["ufw\t22/tcp 8080/tcp 443/udp 4430/tcp"], "ufw is active and blocks port 80 and 443"],
    [
      [
        "renamed\tnotes\tother",
        "owned\t/etc/nginx/sites-enabled/notes.conf\tinfra/prod/notes",
        "nginx-name\t/etc/nginx/sites-enabled/notes.conf\tmemoryloop.test",
      ],
      "memoryloop.test is already a name of infra/prod/notes on this server",
    ],
    [["firewalld\tssh http"], "firewalld is active and blocks port 443"],
    [["nft-drop\tinet filter"], 'the nftables table "inet filter" drops what it does not accept'],
    [
      ["listener\tudp\t0.0.0.0\t51820\t", "listener\ttcp\t[::]\t25\tmaster"],
      "the firewall would close 51820/udp (the kernel, such as WireGuard), 25/tcp (master)",
    ],
    [["lineage\tmemoryloop.test\t\tno\t0"], "certbot has only remains of the certificate memoryloop.test"],
    [
      ["lineage\tmemoryloop.test-0001\twebroot\tno\t0"],
      "certbot has only remains of the certificate memoryloop.test-0001",
    ],
    [["network\tother\t\t10.213.0.0/16"], "the subnet 10.213.0.0/16 overlaps 10.213.0.0/16 of other"],
    [["route\t10.0.0.0/8\twg0"], "the subnet 10.213.0.0/16 overlaps 10.0.0.0/8 of wg0"],
    [
      ["network\tmemoryloop\tmemoryloop\t10.77.0.0/16", "route\t10.77.0.0/16\tbr-1"],
      "the network of memoryloop is 10.77.0.0/16; the configuration says 10.213.0.0/16",
    ],
  ])("%j", (lines, fact) => {
    expect(factsOf(serverWith(...lines))).toEqual([fact]);
  });

  test("a default server of one address or of another port is no problem", () => {
    const [file, another] = ["/etc/nginx/conf.d/vpn.conf", "/etc/nginx/conf.d/admin.conf"];
    const lines = [`nginx-default\t${file}\t10.8.0.1:80`, `nginx-default\t${another}\t8080`];
    expect(factsOf(serverWith(...lines))).toEqual([]);
  });

  test("an own site in the file of Debian's example is named, because the program removes that file", () => {
    const file = "/etc/nginx/sites-enabled/default";
    expect(factsOf(serverWith(`nginx-file\t${file}\tchanged`), { adopt: ["nginx"] })).toEqual([
      `${file} is not Debian's example any more, and this program removes that file`,
    ]);
  });

  test("a certificate that certbot renews by standalone is no problem: the program converts it", () => {
    expect(factsOf(serverWith("lineage\tmemoryloop.test\tstandalone\tyes\t1"))).toEqual([]);
  });

  test("a login shell that prints is named, with its words", () => {
    expect(factsOf(recorded("fresh"), {}, "Welcome to web-1\nsecond line")).toEqual([
      'the login shell prints "Welcome to web-1" before each command, which breaks Docker\'s connection',
    ]);
  });

  test("reports everything at once: the impossible first, then the owner's decisions", () => {
    expect(factsOf(serverWith("listener\ttcp\t0.0.0.0\t8080\tjava", "memory\t100", "ufw\t22/tcp"))).toEqual([
      "the server has 100 MB of memory; the app alone may use 1024 MB",
      "ufw is active and blocks port 80 and 443",
      "the firewall would close 8080/tcp (java)",
    ]);
  });

  test("a service that started behind the program's own firewall is no problem: it was never reachable", () => {
    const service = "listener\ttcp\t0.0.0.0\t11434\tollama";
    expect(factsOf(serverWith(service))).toEqual(["the firewall would close 11434/tcp (ollama)"]);
    expect(factsOf(serverWith(service, "owned\t/etc/nftables.d/vps.nft"))).toEqual([]);
  });

  test("the owner's decisions hold: adopted parts and allowed ports are no problem", () => {
    const used = serverWith(
      "listener\ttcp\t0.0.0.0\t8080\tjava",
      daemon({ icc: true }),
      "nginx-file\t/etc/nginx/conf.d/shop.conf\tchanged",
    );
    expect(factsOf(used)).toHaveLength(3);
    expect(factsOf(used, { adopt: ["docker", "nginx"], allow: ["8080/tcp"] })).toEqual([]);
    expect(factsOf(used, { adopt: ["docker", "nginx", "firewall"] })).toEqual([]);
    expect(factsOf(serverWith("ufw\t22/tcp", "nft-drop\tinet filter"), { adopt: ["firewall"] })).toEqual([]);
    expect(factsOf(serverWith("firewalld\tssh"), { adopt: ["firewall"] })).toEqual([]);
  });
});

describe("chooseSubnet", () => {
  const choose = (lines: readonly string[], wishes: { subnet?: string; lastSubnet?: string } = {}): string =>
    chooseSubnet(inventoryOf(serverWith(...lines)), { app: "memoryloop", ...wishes });
  const own = ["network\tmemoryloop\tmemoryloop\t10.77.0.0/16", "route\t10.77.0.0/16\tbr-1"];
  const other = ["network\tshop\tshop\t10.213.0.0/16", "route\t10.213.0.0/16\tbr-2"];

  test.each<[string, readonly string[], object, string]>([
    ["the usual one on a fresh server", [], {}, "10.213.0.0/16"],
    ["the present one of the app", own, { subnet: "10.9.0.0/16", lastSubnet: "10.8.0.0/16" }, "10.77.0.0/16"],
    ["the configured one", [], { subnet: "10.9.0.0/16", lastSubnet: "10.8.0.0/16" }, "10.9.0.0/16"],
    ["the last one, on a new server", [], { lastSubnet: "10.8.0.0/16" }, "10.8.0.0/16"],
    ["a free one where another app has the usual one", other, {}, "10.214.0.0/16"],
    ["a free one where another app has the last one", other, { lastSubnet: "10.213.0.0/16" }, "10.214.0.0/16"],
    [
      "the last one, of which a Swarm has its own networks",
      ["network\tingress\t\t10.213.0.0/24", "network\tmemoryloop-cluster\tmemoryloop\t10.213.1.0/24"],
      { lastSubnet: "10.213.0.0/16" },
      "10.213.0.0/16",
    ],
    ["one that no route uses", ["route\t10.208.0.0/12\twg0"], {}, "10.224.0.0/16"],
  ])("%s", (_, lines, wishes, expectedSubnet) => {
    expect(choose(lines, wishes)).toBe(expectedSubnet);
  });
});

describe("overlaps", () => {
  test.each([
    ["10.213.0.0/16", "10.213.4.0/24", true],
    ["10.0.0.0/8", "10.213.0.0/16", true],
    ["10.212.0.0/16", "10.213.0.0/16", false],
    ["192.168.0.0/16", "10.213.0.0/16", false],
  ])("%s and %s: %s", (left, right, shared) => {
    expect(overlaps(left, right)).toBe(shared);
  });
});
