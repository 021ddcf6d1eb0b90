import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keysIn, publicKey } from "../../rehearsal/world/keys";
import { stackFile, type PulumiRun } from "../../rehearsal/pulumi";
import { repositoryRoot } from "../../repository";
import { stepKinds } from "../../host/rollout/plan";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

/** How often the client is killed, and how many deployments pass under load. `KILLS=50` is the full test. */
const kills = Number(process.env["KILLS"] ?? 11);
const deployments = Number(process.env["DEPLOYS"] ?? 20);

/** The server must be in a proven state this long after the kill: the soak and a minute. */
const soakSeconds = 2;
const recoverySeconds = soakSeconds + 60;

/**
 * The client is killed when the server reports the begin of one of these; `connect` is before its first line. These
 * deployments have nothing to revert, and after `record` the result is final.
 */
const moments = ["connect", "image", ...stepKinds.filter((kind) => kind !== "revert" && kind !== "prune")];

let system: DeployedWorld;
let checkout: PulumiRun;

beforeAll(async () => {
  system = await DeployedWorld.open();
  const key = publicKey(keysIn(system.world.folder).client);
  checkout = system.otherCheckout({
    "host.deployKeys": [`${key} ci@rehearsal`],
    "rollout.soakSeconds": soakSeconds,
    backups: undefined,
    pipeline: undefined,
  });
  await system.deploy(await nextTag(), checkout);
});

afterAll(async () => {
  await system.deploy();
});

/** A new image: a deploy key deploys none that served before. */
async function nextTag(): Promise<string> {
  const tag = `d${Date.now().toString(16).slice(-6)}`;
  await system.release(tag, "quick");
  return tag;
}

function startDeploy(tag: string) {
  const file = checkout.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? stackFile(system.world);
  const child = spawn(process.execPath, ["dist/ops.cjs", "deploy", tag, "--config-file", file], {
    cwd: repositoryRoot,
    env: { ...process.env, SSH_AUTH_SOCK: system.world.agentSocket },
  });
  const said = { output: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (said.output += part.toString()));
  return { child, said, ended: once(child, "close") };
}

async function deploy(tag: string): Promise<void> {
  const { said, ended } = startDeploy(tag);
  const [code] = (await ended) as [number];
  expect(code, said.output).toBe(0);
}

async function killAt(moment: string, tag: string): Promise<void> {
  const { child, said, ended } = startDeploy(tag);
  if (moment === "connect") setTimeout(() => child.kill("SIGKILL"), 300);
  child.stdout.on("data", () => {
    if (said.output.includes(`${moment} ...`)) child.kill("SIGKILL");
  });
  await ended;
}

/** Lock free, one release running and active, no cutover in the air, no record without an end. */
const provenState = `
flock --nonblock /run/memoryloop/rollout.lock true || { echo locked; exit; }
[ ! -e /var/lib/memoryloop/unconfirmed ] || { echo unconfirmed; exit; }
running=$(docker ps --filter label=app=memoryloop --format '{{ .Names }}')
[ "$running" = "memoryloop-$(basename "$(readlink /var/lib/memoryloop/current.sock)" .sock)" ] || { echo "runs $running"; exit; }
docker inspect --format '{{ index .Config.Labels "image-tag" }}' "$running"`;

async function settled(possible: readonly string[]): Promise<string> {
  let state = "";
  await expect
    .poll(async () => possible.includes((state = await system.onVps(provenState))) || state, {
      timeout: recoverySeconds * 1000,
      interval: 500,
    })
    .toBe(true);
  return state;
}

test(`${kills} deployments whose client is killed: no request is lost, and the server ends each one by itself`, async () => {
  const ends: Record<string, number> = {};
  let slowest = 0;
  for (let round = 0; round < kills; round++) {
    const moment = moments[round % moments.length] ?? "";
    const tag = await nextTag();
    const before = String((await system.health()).body["version"]);
    const load = await system.underLoad({ clients: 10, pauseMs: 50 }, async () => {
      await killAt(moment, tag);
      const killed = Date.now();
      const serving = await settled([before, tag]);
      slowest = Math.max(slowest, Date.now() - killed);
      const end = `${moment}: ${serving === tag ? "deployed" : "not deployed"}`;
      ends[end] = (ends[end] ?? 0) + 1;
    });
    expect(load.lost, `${moment} of ${tag}`).toEqual([]);
    expect(Object.keys(load.statuses), `${moment} of ${tag}`).toEqual(["200"]);
    expect([before, tag]).toContain((await system.health()).body["version"]);
  }
  console.log(`killed ${kills} clients; slowest end ${slowest} ms after the kill; ${JSON.stringify(ends)}`);
});

test(`${deployments} deployments under 50 clients lose no request; the next up converges and its outputs equal the records`, async () => {
  const tags: string[] = [];
  let sent = 0;
  for (let round = 0; round < deployments; round++) {
    const tag = await nextTag();
    tags.push(tag);
    const load = await system.underLoad({ clients: 50, postShare: 0.5, pauseMs: 20 }, () => deploy(tag));
    expect(load.lost, tag).toEqual([]);
    expect(Object.keys(load.statuses), tag).toEqual(["200"]);
    sent += load.sent;
  }
  const load = await system.underLoad({ clients: 50, postShare: 0.5, pauseMs: 20 }, () =>
    system.deploy(undefined, checkout),
  );
  expect(load.lost).toEqual([]);
  expect(await system.outputs()).toMatchObject({ imageTag: tags.at(-1), previousImageTag: tags.at(-2) });
  const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"], checkout);
  expect(code, output).toBe(0);
  console.log(`${deployments} deployments and one up, ${sent + load.sent} requests, 0 lost`);
});
