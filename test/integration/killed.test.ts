import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stepKinds } from "../../provider/rollout/plan";
import { powerOffVps, startVps } from "../../rehearsal/world/world";
import { keepAliveLoad } from "../support/load";
import { Road, type Held } from "../support/road";

const [first, second] = ["a0000aa", "b0000bb"] as const;

/** Breaks a run that waits at a step. `true`: requests may be lost, because the host itself is gone. */
const faults: Readonly<Record<string, (road: Road, held: Held) => Promise<boolean>>> = {
  "the engine is killed": (_, held) => {
    process.kill(held.engine, "SIGKILL");
    return Promise.resolve(false);
  },
  "the plugin is killed": (_, held) => {
    process.kill(held.plugin, "SIGKILL");
    return Promise.resolve(false);
  },
  "ssh is cut": async (road) => {
    await road
      .onVps("pkill --oldest -f '^host-session|bash -c .*host-session.sh' ; pkill -KILL -f 'sshd: root@notty' || true")
      .catch(() => "");
    return false;
  },
  "the VPS loses power": async (road) => {
    await powerOffVps(road.world);
    await startVps(road.world);
    return true;
  },
};

// A step of a rollout that replaces a serving release; a take-back needs a rollout that died before it.
const steps = stepKinds.filter((kind) => kind !== "take-back");
// `npm run test:sweep` breaks every step in every way; here one way for each of the steps that matter most.
const sample: readonly (readonly [string, string])[] = [
  ["start", "the engine is killed"],
  ["prove", "the engine is killed"],
  ["confirm", "ssh is cut"],
  ["retire", "the plugin is killed"],
  ["soak", "the VPS loses power"],
];
const sweep = steps.flatMap((step) => Object.keys(faults).map((fault) => [step, fault] as const));
const cases = process.env["SWEEP"] ? sweep : sample;

let road: Road;

beforeAll(async () => {
  road = await Road.open();
  await Promise.all([road.release(first), road.release(second)]);
  await road.deploy(first);
});

beforeEach(async () => {
  // What a test before this one broke and could not mend must not fail this one, too.
  await road.pulumiRun(["cancel", "--yes"]);
});

/** Exactly one release runs, it is the linked one, and nothing is left of the run that was broken. */
async function expectOneRelease(tag: string): Promise<void> {
  expect((await road.health()).body["version"]).toBe(tag);
  const running = await road.onVps("docker ps --filter label=app=memoryloop --format '{{.Names}}'");
  const link = await road.onVps("readlink /var/lib/memoryloop/current.sock");
  expect(running).toBe(`memoryloop-${link.replace(/^releases\/(.*)\.sock$/, "$1")}`);
  expect(await road.onVps("ls /var/lib/memoryloop")).not.toContain("unconfirmed");
  expect(await road.onVps("flock --nonblock /run/lock/memoryloop-rollout.lock echo free")).toBe("free");
  const sockets = await road.onVps("systemctl list-units --plain --no-legend 'memoryloop-release@*.socket' | wc -l");
  expect(sockets).toBe("1");
}

describe.each(cases)("at the step %s, %s", (step, fault) => {
  test("the site stays up, and up again converges", async () => {
    const before = (await road.health()).body["version"];
    const desired = before === first ? second : first;
    const end = new AbortController();
    const load = keepAliveLoad({ target: road.target, clients: 8, pauseMs: 50, stop: end.signal });
    const held = await road.upHeldAt(step, desired);
    const mayLose = await (faults[fault] ?? (() => Promise.reject(new Error(`no such fault: ${fault}`))))(road, held);
    await held.release();
    expect((await held.ended).code).not.toBe(0);
    await sleep(1000);
    await road.pulumiRun(["cancel", "--yes"]);
    await road.deploy(desired);
    end.abort();
    const { lost, statuses } = await load;
    if (!mayLose) {
      expect(lost).toEqual([]);
      expect(Object.keys(statuses)).toEqual(["200"]);
    }
    await expectOneRelease(desired);
  });
});

describe("a cutover that nobody confirms", () => {
  test("is taken back by the host, and its record says so", async () => {
    const before = String((await road.health()).body["version"]);
    const desired = before === first ? second : first;
    const held = await road.upHeldAt("confirm", desired);
    process.kill(held.plugin, "SIGKILL");
    process.kill(held.engine, "SIGKILL");
    await held.ended;
    expect((await road.health()).body["version"]).toBe(desired);
    // Its deadline is moved into the past, as a minute of waiting would.
    await road.onVps("cd /var/lib/memoryloop && sed -i 's/ [0-9]* deploy/ 1 deploy/' unconfirmed");
    const version = () => road.health().then(({ body }) => body["version"]);
    await expect.poll(version, { timeout: 10_000 }).toBe(before);
    // The links move first, the record follows.
    const record = () =>
      road.onVps("jq -r '.status, .imageTag' $(ls /var/lib/memoryloop/deployments/*.json | tail -n 1)");
    await expect.poll(record, { timeout: 10_000 }).toBe(`rolled_back\n${desired}`);
    await road.pulumiRun(["cancel", "--yes"]);
    await road.deploy(desired);
    await expectOneRelease(desired);
  });

  test("a confirmation that comes too late is told so, and the old release serves", async () => {
    const before = String((await road.health()).body["version"]);
    const desired = before === first ? second : first;
    const held = await road.upHeldAt("confirm", desired);
    await road.onVps("/usr/local/lib/memoryloop/return-unconfirmed memoryloop now");
    await held.release();
    const { code, output } = await held.ended;
    expect(code).not.toBe(0);
    expect(output).toContain("the host has taken the cutover back, because it was not confirmed in time");
    expect((await road.health()).body["version"]).toBe(before);
    await road.deploy(desired);
    await expectOneRelease(desired);
  });
});

describe("two updates at once, from two states", () => {
  test("one rolls out, the other says who holds the lock and stops", async () => {
    const before = String((await road.health()).body["version"]);
    const desired = before === first ? second : first;
    const other = road.otherState();
    const held = await road.upHeldAt("gate", desired);
    const refused = await road.up(desired, other);
    await held.release();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/held by \S+@\S+ since .* \(rollout of memoryloop \w+\)/);
    expect((await held.ended).code).toBe(0);
    expect((await road.health()).body["version"]).toBe(desired);
    // The container of the one that was refused serves nothing; the next rollout removes it.
    await road.deploy(before);
    await expectOneRelease(before);
  });
});

describe("a container that a killed run left on the host and no state knows", () => {
  test("makes room for the same one", async () => {
    const stray = "bad-stray";
    await road.release(stray, "health-500");
    expect((await road.up(stray)).output).toContain("answered 500, not 200");
    await road.forget("docker:index/container:Container");
    const { output } = await road.up(stray);
    expect(output).toContain("answered 500, not 200");
    expect(output).not.toContain("already in use");
    await road.deploy(first);
    await expectOneRelease(first);
  });
});
