import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { maintain, type MaintenanceChange } from "../../host/maintenance/maintenance";
import { pooledShells } from "../../host/ssh/ssh-shell";
import { readStack } from "../../ops/stack";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { stackFile } from "../../rehearsal/pulumi";
import { restartVps } from "../../rehearsal/world/world";

const [first, second] = ["a0000a9", "b0000b9"] as const;

let system: DeployedWorld;

async function change(wanted: MaintenanceChange) {
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  const { connection, app } = readStack("rehearsal", stackFile(system.world));
  const shell = pooledShells()(connection);
  try {
    return await maintain(app.name, wanted, shell);
  } finally {
    await shell.close();
  }
}

/** Statuses of the page and of the health endpoint, and whether the page is that of the maintenance. */
async function seen() {
  const [page, health] = await Promise.all([system.get("/"), system.health()]);
  return { page: page.status, isClosed: page.body === "<p>closed for now</p>", health: health.status };
}

const closed = { page: 503, isClosed: true, health: 200 };
const version = async (): Promise<unknown> => (await system.health()).body["version"];

/** Everything that a visitor sees while the work runs, each combination once. */
async function seenWhile(work: Promise<unknown>) {
  const found = new Set<string>();
  const end = new AbortController();
  const watch = (async () => {
    while (!end.signal.aborted) {
      found.add(JSON.stringify(await seen()));
      await sleep(50);
    }
  })();
  await work.finally(() => {
    end.abort();
  });
  await watch;
  return [...found].map((text) => JSON.parse(text) as unknown);
}

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([first, second].map((tag) => system.release(tag)));
  await system.deploy(first);
  await change({ verb: "on", page: "<p>closed for now</p>", allow: [] });
}, 600_000);
afterAll(async () => {
  await change({ verb: "off" });
});

test("a deployment during the maintenance is proved at the health endpoint, and no visitor sees the site", async () => {
  expect(await seen()).toEqual(closed);
  expect(await seenWhile(system.deploy(second))).toEqual([closed]);
  expect(await version()).toBe(second);
  expect(await change({ verb: "status" })).toMatchObject({ state: "on" });
});

test("a rollback during the maintenance, too", async () => {
  expect(await seenWhile(system.deploy(first))).toEqual([closed]);
  expect(await version()).toBe(first);
});

test("the maintenance outlives a restart of the server, and ends with `off`", async () => {
  await restartVps(system.world);
  await expect.poll(() => version().catch(() => ""), { timeout: 60_000 }).toBe(first);
  expect(await seen()).toEqual(closed);
  expect(await change({ verb: "off" })).toMatchObject({ state: "off" });
  expect(await seen()).toEqual({ page: 200, isClosed: false, health: 200 });
});
