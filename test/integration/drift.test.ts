import { beforeAll, describe, expect, test } from "vitest";
import { keepAliveLoad } from "../support/load";
import { Road } from "../support/road";

const tag = "d0000dd";
const app = "memoryloop";

let road: Road;
beforeAll(async () => {
  road = await Road.open();
  await road.release(tag);
  await road.deploy(tag);
});

/** Names of the resources that `preview --refresh` would change. */
async function drifted(): Promise<string[]> {
  const { code, output } = await road.pulumiRun(["preview", "--refresh"]);
  expect(code).toBe(0);
  const changes = output.matchAll(/^ \S+ +[a-z]+:\S+ (\S+) (?:update|create|delete|replace)\b/gm);
  const names = [...changes].map(([, name = ""]) => name);
  return [...new Set(names)].sort();
}

async function repair(): Promise<void> {
  const { code, output } = await road.up(undefined, { extraWords: ["--refresh"] });
  expect(code, output).toBe(0);
}

const serving = () => road.onVps(`docker ps --filter label=app=${app} --format '{{.Names}}'`);
const version = () =>
  road.health().then(
    ({ body }) => body["version"],
    () => undefined,
  );

/** What a hand does on the host, and the resource that shows it. */
const edits = [
  ["content", "echo '# by hand' >>/etc/nginx/snippets/ssl-params.conf", "certificate-nginx"],
  ["mode", "chmod 0600 /etc/docker/daemon.json", "host-docker-daemon"],
  ["owner", "chown www-data /etc/ssh/sshd_config.d/00-vps.conf", "host-sshd"],
  [
    "link",
    `cd /etc/nginx && cp sites-available/${app}.conf by-hand.conf && ln -sfn ../by-hand.conf sites-enabled/${app}.conf`,
    "site-files",
  ],
  ["deleted file", "rm /etc/apt/apt.conf.d/52vps", "host-upkeep"],
  ["stopped unit", `systemctl stop ${app}-logs.timer`, "host-app-logs"],
  ["disabled timer", "systemctl disable --quiet certbot.timer", "certificate-nginx"],
  ["changed firewall", "nft add rule inet vps input tcp dport 9999 accept", "host-firewall"],
] as const;

describe("edits by hand that leave the site up", () => {
  test("show in preview --refresh, each where it was made", async () => {
    expect(await drifted()).toEqual([]);
    await road.onVps(edits.map(([, edit]) => edit).join(" && "));
    expect(await drifted()).toEqual([...new Set(edits.map(([, , name]) => name))].sort());
  });

  test("are repaired by up --refresh without a lost request", async () => {
    const end = new AbortController();
    const load = keepAliveLoad({ target: road.target, clients: 20, pauseMs: 40, stop: end.signal });
    await repair();
    end.abort();
    const { lost, statuses, sent } = await load;
    console.log(`repair of ${edits.length} edits: ${sent} requests sent, ${lost.length} lost`);
    expect(Object.keys(statuses)).toEqual(["200"]);
    expect(lost).toEqual([]);
    expect(await drifted()).toEqual([]);
  });
});

describe("edits by hand that take the site down", () => {
  test.each([
    ["a stopped container", async () => `docker stop ${await serving()}`],
    ["a removed container", async () => `docker rm --force ${await serving()}`],
    [
      "a moved current.sock",
      () => Promise.resolve(`ln -sfn /var/lib/${app}/nowhere.sock /var/lib/${app}/current.sock`),
    ],
  ])("%s shows, and up --refresh brings the same release back", async (_, edit) => {
    await road.onVps(await edit());
    expect(await drifted()).not.toEqual([]);
    await repair();
    expect(await version()).toBe(tag);
  });

  test("and then nothing differs", async () => {
    expect(await drifted()).toEqual([]);
  });
});
