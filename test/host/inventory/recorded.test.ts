import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseInventory } from "../../../host/inventory/inventory";
import { findProblems } from "../../../host/inventory/rules";

// The problems of each recorded server, for an app that nobody has deployed there. Each file says how it was made.

const folder = join(__dirname, "recorded");

const problems: Readonly<Record<string, readonly string[]>> = {
  "broken-nginx": [
    'nginx refuses its configuration: 2026/11/26 21:04:48 [emerg] 2223#2223: unknown directive "server_nam" in /etc/nginx/conf.d/shop.conf:1',
    "nginx has files of others: /etc/nginx/nginx.conf, /etc/nginx/conf.d/shop.conf",
  ],
  "container-on-80": [
    "port 80 belongs to the container shop (shop:1)",
    "the subnet 10.213.0.0/16 overlaps 10.213.7.0/24 of shop",
    '/etc/docker/daemon.json sets icc to true, and this program needs false; log-driver to "json-file", and this program needs "journald"',
  ],
  "debian-12": [],
  "debian-13": [],
  deployed: [],
  "firewall-of-others": [
    'the nftables table "inet filter" drops what it does not accept',
    "the firewall would close 9000/tcp (busybox)",
  ],
  fresh: [],
  "fresh-12": [],
  lineages: ["certbot has only remains of the certificate memoryloop.test-0001"],
  "nginx-sites": [
    "/etc/nginx/sites-enabled/blog already serves memoryloop.test",
    "/etc/nginx/sites-enabled/blog already serves www.memoryloop.test",
    "/etc/nginx/sites-enabled/blog has the default server, and so has this program's nginx.conf, which answers no unknown name",
    "nginx has files of others: /etc/nginx/nginx.conf, /etc/nginx/sites-enabled/blog, /etc/nginx/conf.d/shop.conf, which serve shop.example.com, memoryloop.test, www.memoryloop.test",
  ],
  "other-shell": [],
  "sudo-user": [],
  "sudo-user-13": [],
  "ubuntu-22.04": [
    "the server runs ubuntu 22.04; Debian 12 or newer, or Ubuntu 24.04 or newer, is needed",
    "nginx 1.18.0 is installed; 1.19.10 or newer is needed",
  ],
  "ubuntu-24.04": [],
  ufw: ["ufw is active and blocks port 80 and 443"],
  used: [
    "nginx has files of others: /etc/nginx/sites-enabled/blog, /etc/nginx/conf.d/shop.conf, which serve shop.test, blog.test",
    "the firewall would close 9000/tcp (busybox)",
  ],
};

function factsOf(file: string): string[] {
  const inventory = parseInventory(readFileSync(join(folder, file), "utf8"));
  if (inventory === undefined) throw new Error(`${file} is no inventory`);
  const expected = {
    ...{ app: "memoryloop", owner: "infra/prod/memoryloop", claims: {}, data: [], adopt: [], allow: [] },
    ...{ host: "203.0.113.7", domains: ["memoryloop.test", "www.memoryloop.test"], subnet: "10.213.0.0/16" },
    ...{ memoryMb: 1024, sshPort: 22, now: inventory.clock.seconds * 1000 },
  };
  return findProblems(inventory, "", expected).map(({ fact }) => fact);
}

test("every recorded server has its problems here", () => {
  expect(
    readdirSync(folder)
      .map((file) => file.replace(".txt", ""))
      .toSorted(),
  ).toEqual(Object.keys(problems).toSorted());
});

test.each(Object.entries(problems))("%s", (name, facts) => {
  expect(factsOf(`${name}.txt`)).toEqual(facts);
});
