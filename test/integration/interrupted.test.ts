import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stepKinds } from "../../host/rollout/plan";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tags = ["a0000aa", "b0000bb"] as const;
const [first, second] = tags;

/** How often the engine is killed. `KILLS=100` is the full test. */
const kills = Number(process.env["KILLS"] ?? 10);

let system: DeployedWorld;
/** Duration of an undisturbed deployment in milliseconds. The kill comes at a random moment of it. */
let deployMs = 0;

const servingTag = async (): Promise<string> => String((await system.health()).body["version"]);
const otherThan = (tag: string): string => (tag === first ? second : first);

beforeAll(async () => {
  system = await DeployedWorld.open();
  for (const tag of tags) await system.release(tag);
  await system.deploy(first);
  await system.deploy(second);
  const started = performance.now();
  await system.deploy(first);
  deployMs = performance.now() - started;
});

afterAll(async () => {
  await system.deploy(first);
});

/** Repeatable pseudo-random numbers from 0 to 1 (mulberry32, a public domain generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A process of this machine and all its descendants. */
function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // The process has ended.
    }
  }
  const children = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).flatMap(([child]) => [child, ...children(child)]);
  return [root, ...children(root)];
}

function killTree(root: number): void {
  for (const pid of processTree(root)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has ended.
    }
  }
}

/** A plain `up` succeeds, keeps or finishes the deployment, and the outputs equal the server's records. */
async function expectConverges(): Promise<void> {
  await system.pulumiRun(["cancel", "--yes"]);
  await system.deploy();
  const serving = await servingTag();
  const outputs = await system.outputs();
  expect(outputs).toMatchObject({ imageTag: serving, previousImageTag: otherThan(serving) });
  const newest = "jq -r .imageTag $(grep -l '\"success\"' /var/lib/memoryloop/deployments/*.json | tail -n 1)";
  expect(await system.onVps(newest)).toBe(serving);
}

/** Expects that the work under load loses no request and that a plain `up` converges afterwards. */
async function expectHarmless(work: () => Promise<unknown>): Promise<void> {
  const { lost, statuses } = await system.underLoad({ clients: 8, pauseMs: 50 }, async () => {
    await work();
    await expectConverges();
  });
  expect(lost).toEqual([]);
  expect(Object.keys(statuses)).toEqual(["200"]);
}

/** Starts a deployment of the other tag and kills the engine and its plugins after this time. */
async function killAfter(milliseconds: number): Promise<void> {
  let engine = 0;
  const ended = system.up(otherThan(await servingTag()), { started: (pid) => (engine = pid ?? 0) });
  await Promise.race([sleep(milliseconds), ended]);
  killTree(engine);
  await ended;
}

describe("kill -9 of the engine and its plugins at a random moment", () => {
  const random = randomNumbers(Number(process.env["SEED"] ?? 1));
  const parts = Array.from({ length: kills }, random);
  test.each(parts)("after %f of a deployment", async (part) => {
    await expectHarmless(() => killAfter(part * deployMs));
  });
});

// This deployment has no step "revert", because it succeeds.
describe.each(stepKinds.filter((step) => step !== "revert"))("Ctrl-C at the step %s", (step) => {
  test("loses no request, and a plain up converges", async () => {
    await expectHarmless(async () => {
      const held = await system.upPausedAt(step, otherThan(await servingTag()));
      process.kill(held.engine, "SIGINT");
      await held.release();
      await held.ended;
    });
  });
});
