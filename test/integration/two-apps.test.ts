import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { BackupCommands } from "../../host/backup/backup-commands";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { readStack } from "../../ops/stack";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { copyStack } from "../../rehearsal/driver/stack-copy";
import { stackFile } from "../../rehearsal/pulumi";
import { secondSample } from "../../rehearsal/samples";
import { removeWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

// Two apps of two stacks on one server: the first sample app (Node.js, LanceDB) and the second one (Go, SQLite).

const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "two-apps-test" };
const project = "memoryloop-infra";
const [tagA, tagB] = ["a0000aa", "b0000bb"] as const;
const rollouts = 10;

let first: DeployedWorld;
let second: DeployedWorld;
let shell: SshShell;
let backups: BackupCommands;

beforeAll(async () => {
  await removeWorld(options, quietly);
  first = await DeployedWorld.open(options.suffix);
  second = await first.beside();
  process.env["SSH_AUTH_SOCK"] = first.world.agentSocket;
  const stack = readStack(secondSample.stack, stackFile(second.world, secondSample));
  shell = pooledShells()(stack.connection);
  backups = new BackupCommands(shell, stack.app.name);
  for (const app of [first, second]) for (const tag of [tagA, tagB]) await app.release(tag);
  await first.deploy(tagA);
});
afterAll(async () => {
  await shell.close();
  await removeWorld(options, quietly);
});

/**
 * Everything of the server that the program owns, without the records of the set owners: checksums of files, targets of
 * links, units, the firewall, containers, networks, images.
 */
const readServer = `
  places="/etc/nginx /etc/ssh /etc/docker /etc/nftables.d /etc/systemd /etc/sudoers.d /etc/apt /usr/local/lib /etc/letsencrypt /etc/passwd"
  places="$places $(ls -d /opt/*/config /opt/*/certs /var/lib/*/releases /var/lib/*/deployments)"
  own="! -path /etc/letsencrypt/csr/* ! -path /etc/letsencrypt/keys/*"
  set -f
  find $places $own \\( -type f -o -type l \\) -printf '%y %p %m %U:%G %l\\n'
  find $places $own -type f -print0 | xargs -0 sha256sum
  set +f
  for folder in /opt/* /var/lib/*/current.sock; do echo "place $folder $(readlink "$folder" || true)"; done
  systemctl list-unit-files --no-legend --plain | awk '{ print "enabled", $1, $2 }'
  systemctl list-units --no-legend --plain --all --type=service,socket,timer,path | awk '{ print "unit", $1, $3 }'
  nft list table inet vps | awk '$1 ~ /^(chain|set)$/ { name = $2 } /elements|expires|^[ \\t]*}?[ \\t]*$/ { next } { print "nft", name, $0 }'
  docker ps --all --no-trunc --format 'container {{.Names}} {{.ID}} {{.State}} {{.Label "app"}}'
  docker ps --all --quiet --no-trunc | xargs docker inspect --format 'started {{.Name}} {{.State.StartedAt}} {{.RestartCount}}'
  docker network ls --no-trunc --format 'network {{.Name}} {{.ID}}'
`;

/** Work that comes and goes by itself: timers of the system that fire, sessions, jobs of the apps, units that ended. */
const isPassing = (line: string): boolean =>
  /^(unit|enabled) (user|session|run-|systemd-|apt-|certbot|logrotate|e2scrub|fstrim|dpkg-|man-db)/.test(line) ||
  /^unit \S+-(backup|drain)\S*\.service/.test(line) ||
  / inactive$/.test(line);

/** The server as sorted lines, without those that name one of these apps. */
async function server(...without: readonly string[]): Promise<string[]> {
  const lines = (await first.onVps(`set -eu; ${readServer}`)).split("\n");
  return lines.filter((line) => !isPassing(line) && !without.some((app) => line.includes(app))).toSorted();
}

const firewallOf = (app: string): Promise<string> => first.onVps(`nft list table inet vps | grep -c ${app}- || true`);

const notes = z.object({ count: z.int(), version: z.string() });
const readNotes = async () => notes.parse(JSON.parse((await second.get("/notes")).body));
const versionOfFirst = async (): Promise<unknown> => (await first.health()).body["version"];

/** Requests to both sites while the work runs; half of those to each are POST. */
async function underLoad(work: () => Promise<unknown>): Promise<[LoadReport, LoadReport]> {
  let other: Promise<LoadReport> | undefined;
  const report = await first.underLoad({ clients: 15, pauseMs: 60 }, async () => {
    other = second.underLoad({ clients: 15, pauseMs: 60, path: "/notes" }, work);
    await other;
  });
  if (other === undefined) throw new Error("there was no load on the second app");
  return [report, await other];
}

function expectNothingLost(load: LoadReport): void {
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200"]);
  expect(load.sent).toBe(load.answered);
}

test("the second app comes from its stack file alone, and nothing of the first app changes", async () => {
  const before = await server(secondSample.stack);
  await second.deploy(tagA);
  expect(await server(secondSample.stack)).toEqual(before);
  expect(await readNotes()).toMatchObject({ version: tagA });
  expect(await versionOfFirst()).toBe(tagA);
  for (const app of [first, second]) {
    const { code, output } = await app.up(undefined, { extraWords: ["--expect-no-changes", "--diff"] });
    expect(code, output).toBe(0);
  }
});

describe("a stack that cannot share the server", () => {
  /** A stack beside the two others, whose update must be refused before anything changes. */
  async function refused(stack: string, values: Record<string, unknown>, inProject = project): Promise<string> {
    const from = stackFile(second.world, secondSample);
    const run = copyStack(first.world.folder, { project: inProject, stack, from, values });
    await first.pulumiRun(["stack", "init"], run);
    const before = await server();
    const { code, output } = await first.pulumiRun(
      ["up", "--yes", "--skip-preview", "--config", `imageTag=${tagA}`],
      run,
    );
    expect(code, output).not.toBe(0);
    expect(await server()).toEqual(before);
    return output.replaceAll(/\s+/g, " ");
  }

  test("two stacks of one project with one app name are refused by name", async () => {
    expect(await refused("twin", {})).toContain(
      `the app second on this server belongs to ${project}/second/second (project/stack/app); this stack is ${project}/twin/second`,
    );
  });

  test("equal names of stack and app in two projects are refused by name", async () => {
    expect(await refused("second", {}, "other-infra")).toContain(
      `the app second on this server belongs to ${project}/second/second (project/stack/app); this stack is other-infra/second/second`,
    );
  });

  const third = { "app.name": "third", "app.domain": "third.test", "backups.bucket": "third-backups" };

  test("an equal subnet is refused by name", async () => {
    const used = await first.onVps("docker network inspect memoryloop --format '{{(index .IPAM.Config 0).Subnet}}'");
    expect(await refused("third", { ...third, "network.subnet": used })).toContain(
      `the subnet ${used} overlaps ${used} of memoryloop`,
    );
  });

  test("another TLS mode is refused with both owners", async () => {
    const output = await refused("third", { ...third, "site.tls": "intermediate" });
    expect(output).toContain(`${project}/third/third and ${project}/rehearsal/memoryloop share this server`);
    expect(output).toContain("want different content for /etc/nginx/snippets/ssl-params.conf");
  });

  test("another type of host key is refused with both owners", async () => {
    const key = await first.onVps("cut -d ' ' -f 1,2 /etc/ssh/ssh_host_rsa4096_key.pub");
    const output = await refused("third", { ...third, "host.hostKey": key });
    expect(output).toContain(`${project}/third/third and ${project}/rehearsal/memoryloop share this server`);
    expect(output).toContain("want different content for /etc/ssh/sshd_config.d/00-vps.conf");
  });

  test("another name of a domain that the first app serves is refused by name", async () => {
    const domains = { "app.domain": undefined, "app.domains": ["third.test", first.world.domain] };
    expect(await refused("third", { ...third, ...domains })).toContain(
      `${first.world.domain} is already a name of ${project}/rehearsal/memoryloop on this server`,
    );
  });
});

test("an equal stack name in another project, with another app: it comes and goes, and both others stay as they are", async () => {
  const values = { "app.name": "third", "app.domain": "third.test", "backups.bucket": "third-backups" };
  const from = stackFile(second.world, secondSample);
  const run = copyStack(first.world.folder, { project: "other-infra", stack: "second", from, values });
  const before = await server("third");
  await first.pulumiRun(["stack", "init"], run);
  await first.deploy(tagA, run);
  expect(await server("third")).toEqual(before);
  for (const app of [first, second]) {
    const { code, output } = await app.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
  }
  await first.pulumiRun(["state", "unprotect", "--all", "--yes"], run);
  const { code, output } = await first.pulumiRun(["destroy", "--yes", "--skip-preview"], run);
  expect(code, output).toBe(0);
  expect(await server("third")).toEqual(before);
});

describe("the second app", () => {
  test("is backed up, and restored in place", async () => {
    for (const text of ["one", "two"]) await addNote(text);
    const { count } = await readNotes();
    const made = await backups.backup("daily");
    expect(made).toMatchObject({ status: "success", tables: [{ name: "notes.db:notes", rows: count }] });
    await addNote("later");
    expect((await readNotes()).count).toBe(count + 1);
    await backups.restoreInPlace("latest");
    expect((await readNotes()).count).toBe(count);
    expect((await backups.drill()).tables).toMatchObject([{ rows: count + 1 }]);
  });

  test("is rolled back, and keeps its data", async () => {
    const { count } = await readNotes();
    await second.deploy(tagB);
    expect(await readNotes()).toEqual({ count, version: tagB });
    await second.deploy((await second.outputs())["previousImageTag"] as string);
    expect(await readNotes()).toEqual({ count, version: tagA });
  });
});

async function addNote(text: string): Promise<void> {
  const { serverName } = second.target;
  const resolve = `--resolve ${serverName}:443:127.0.0.1`;
  await first.onVps(`curl --silent --fail --insecure ${resolve} --data ${text} https://${serverName}/notes`);
}

test(`${rollouts} rollouts of each app, the apps at the same time, lose no request of either`, async () => {
  const loads = await underLoad(async () => {
    for (let count = 0; count < rollouts; count++) {
      const tag = count % 2 === 0 ? tagB : tagA;
      await Promise.all([first.deploy(tag), second.deploy(tag)]);
    }
  });
  const [one, two] = loads;
  console.log(
    `${rollouts} rollouts of each of two apps: ${one.sent} and ${two.sent} requests, lost ${one.lost.length} and ${two.lost.length}`,
  );
  loads.forEach(expectNothingLost);
  expect(Object.keys(one.byRelease).toSorted()).toEqual([tagA, tagB]);
});

describe("destroy", () => {
  async function destroyAll(app: DeployedWorld): Promise<void> {
    await app.pulumiRun(["state", "unprotect", "--all", "--yes"]);
    const { code, output } = await app.pulumiRun(["destroy", "--yes", "--skip-preview"]);
    expect(code, output).toBe(0);
  }

  const certificate = (domain: string): Promise<string> =>
    first.onVps(`openssl x509 -noout -fingerprint -in /etc/letsencrypt/live/${domain}/cert.pem`);

  test("of the first app leaves the second complete, and loses none of its requests", async () => {
    const before = await server("memoryloop");
    const fingerprint = await certificate("second.test");
    const load = await second.underLoad({ clients: 15, pauseMs: 60, path: "/notes" }, () => destroyAll(first));
    expectNothingLost(load);
    expect(await server("memoryloop")).toEqual(before);
    expect(Number(await firewallOf("second"))).toBeGreaterThan(0);
    expect(await firewallOf("memoryloop")).toBe("0");
    expect(await certificate("second.test")).toBe(fingerprint);
    expect(await backups.backup("daily")).toMatchObject({ status: "success" });
    const { code, output } = await second.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
  });

  test("of the second app leaves the first complete, and loses none of its requests", async () => {
    await first.deploy(tagA);
    const before = await server("second");
    // B2 deletes only an empty bucket, and this one has backups.
    await second.forget("b2:index/bucket:Bucket");
    const load = await first.underLoad({ clients: 15, pauseMs: 60 }, () => destroyAll(second));
    expectNothingLost(load);
    expect(await server("second")).toEqual(before);
    expect(Number(await firewallOf("memoryloop"))).toBeGreaterThan(0);
    expect(await firewallOf("second")).toBe("0");
    const { code, output } = await first.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
    expect(await versionOfFirst()).toBe(tagA);
  });
});
