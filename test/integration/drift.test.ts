import { beforeAll, describe, expect, test } from "vitest";
import { keepAliveLoad, type LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "d0000dd";
const app = "memoryloop";

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
});

/** Names of the resources that `preview --refresh` would change. */
async function drifted(): Promise<string[]> {
  const { code, output } = await system.pulumiRun(["preview", "--refresh"]);
  expect(code).toBe(0);
  const changes = output.matchAll(/^ \S+ +[a-z]+:\S+ (\S+) (?:update|create|delete|replace)\b/gm);
  const names = [...changes].map(([, name = ""]) => name);
  return [...new Set(names)].sort();
}

/** Repairs the server under the load of twenty clients, and returns the report. Each client sends one request after another. */
async function repair(): Promise<LoadReport[]> {
  const end = new AbortController();
  const visitor = { target: system.target, clients: 1, pauseMs: 40, stop: end.signal };
  const visits = Array.from({ length: 20 }, () => keepAliveLoad(visitor));
  const { code, output } = await system.up(undefined, { extraWords: ["--refresh"] });
  end.abort();
  expect(code, output).toBe(0);
  return Promise.all(visits);
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Expects that the release answered every request. @returns the number of requests */
function expectUndisturbed(visits: readonly LoadReport[]): number {
  for (const { lost, statuses, byRelease } of visits) {
    expect(lost).toEqual([]);
    expect(Object.keys(statuses)).toEqual(["200"]);
    expect(Object.keys(byRelease)).toEqual([tag]);
  }
  return sumOf(visits.map(({ sent }) => sent));
}

const serving = () => system.onVps(`docker ps --filter label=app=${app} --format '{{.Names}}'`);

/** Manual changes on the server, and the resource that shows each. */
const edits = [
  ["content", "echo '# by hand' >>/etc/nginx/snippets/ssl-params.conf", "nginx-files"],
  ["mode", "chmod 0600 /etc/docker/daemon.json", "host-docker-daemon"],
  ["owner", "chown www-data /etc/ssh/sshd_config.d/00-vps.conf", "host-sshd"],
  [
    "link",
    `cd /etc/nginx && cp sites-available/${app}.conf by-hand.conf && ln -sfn ../by-hand.conf sites-enabled/${app}.conf`,
    "site-files",
  ],
  ["deleted file", "rm /etc/apt/apt.conf.d/52vps", "host-upkeep"],
  ["stopped unit", `systemctl stop ${app}-logs.timer`, "host-app-logs"],
  ["disabled timer", "systemctl disable --quiet certbot.timer", "nginx-files"],
  ["changed firewall", "nft add rule inet vps input tcp dport 9999 accept", "host-firewall"],
] as const;

describe("manual changes that do not interrupt the site", () => {
  test("appear in preview --refresh, each at its resource", async () => {
    expect(await drifted()).toEqual([]);
    await system.onVps(edits.map(([, edit]) => edit).join(" && "));
    expect(await drifted()).toEqual([...new Set(edits.map(([, , name]) => name))].sort());
  });

  test("are repaired by up --refresh without a lost request", async () => {
    const sent = expectUndisturbed(await repair());
    console.log(`repair of ${edits.length} edits: ${sent} requests sent, 0 lost`);
    expect(await drifted()).toEqual([]);
  });

  test("a renewed certificate that nginx has not loaded appears as drift, and the repair serves it", async () => {
    const renew = "certbot -q renew --force-renewal --no-random-sleep-on-renew --no-directory-hooks";
    const isServed = `/usr/local/lib/vps/nginx-in-force ${system.world.domain} && echo served || echo stale`;
    await system.onVps(renew);
    expect(await system.onVps(isServed)).toBe("stale");
    expect(await drifted()).toEqual(["site-files"]);
    const sent = expectUndisturbed(await repair());
    console.log(`repair of a stale certificate: ${sent} requests sent, 0 lost`);
    expect(await system.onVps(isServed)).toBe("served");
  });

  test("that break the site's file and nginx's own file together are repaired too", async () => {
    const broken = ["nginx.conf", `sites-available/${app}.conf`, "snippets/security-headers.conf"];
    await system.onVps(`cd /etc/nginx && for file in ${broken.join(" ")}; do echo 'by hand' >>$file; done`);
    await expect(system.onVps("nginx -t")).rejects.toThrow("unexpected end of file");
    expect(await drifted()).toEqual(["nginx-files", "site-files"]);
    const sent = expectUndisturbed(await repair());
    console.log(`repair of ${broken.length} broken nginx files in two sets: ${sent} requests sent, 0 lost`);
    expect(await system.onVps("nginx -t -q 2>&1")).toBe("");
    expect(await drifted()).toEqual([]);
  });
});

/**
 * While the active release cannot answer, nginx answers 502. The repair must guarantee that no other release answers, that
 * no connection is lost, and that every request succeeds after the repair.
 */
describe("manual changes that interrupt the site", () => {
  test.each([
    ["a stopped container", "rollout-release", async () => `docker stop ${await serving()}`],
    ["a removed container", app, async () => `docker rm --force ${await serving()}`],
    [
      "a moved current.sock",
      "rollout-release",
      () => Promise.resolve(`ln -sfn /var/lib/${app}/nowhere.sock /var/lib/${app}/current.sock`),
    ],
  ])("%s appears as drift; after up --refresh has repaired it, no request is lost", async (...of) => {
    const [what, resource, edit] = of;
    await system.onVps(await edit());
    expect(await drifted()).toContain(resource);
    const visits = await repair();
    for (const { lost, statuses, byRelease, switches } of visits) {
      expect(lost).toEqual([]);
      expect(Object.keys(statuses)).toEqual(["200", "502"]);
      expect(Object.keys(byRelease).toSorted()).toEqual([tag, "none"]);
      expect(switches["none"]?.last).toBeLessThanOrEqual(switches[tag]?.first ?? 0);
    }
    const answered = sumOf(visits.map(({ byRelease }) => byRelease[tag] ?? 0));
    console.log(`${what}: ${answered} requests answered since it is back, 0 of them wrong, 0 lost`);
  });

  test("afterwards nothing differs", async () => {
    expect(await drifted()).toEqual([]);
    expect((await system.health()).body["version"]).toBe(tag);
  });
});
