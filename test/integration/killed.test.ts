import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stepKinds, type Step } from "../../host/rollout/plan";
import { powerOffVps, startVps } from "../../rehearsal/world/world";
import { keepAliveLoad } from "../../rehearsal/driver/load";
import { DeployedWorld, type PausedUp } from "../../rehearsal/driver/deployed-world";
import { TcpProxy } from "../../rehearsal/driver/tcp-proxy";

const [first, second] = ["a0000aa", "b0000bb"] as const;

/** The faults for a run that waits at a step. `mayLose`: requests may be lost, because the server itself is down. */
interface Fault {
  readonly mayLose?: true;
  strike(at: { readonly system: DeployedWorld; readonly line: TcpProxy; readonly held: PausedUp }): Promise<unknown>;
}

const faults = {
  "the engine is killed": {
    strike: ({ held }) => Promise.resolve(process.kill(held.engine, "SIGKILL")),
  },
  "the plugin is killed": {
    strike: ({ held }) => Promise.resolve(process.kill(held.plugin, "SIGKILL")),
  },
  "ssh is cut": {
    strike: ({ system }) =>
      // The brackets keep pkill's own shell out of the match.
      system.onVps("pkill --oldest -f 'ssh/[s]ession.sh'; pkill -KILL -f 'sshd: [r]oot@notty' || true").catch(() => ""),
  },
  "ssh goes dead without a word": {
    strike: ({ line }) => {
      line.stall();
      return Promise.resolve();
    },
  },
  "the VPS loses power": {
    mayLose: true,
    strike: async ({ system }) => {
      await powerOffVps(system.world);
      await startVps(system.world);
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;
type FaultName = keyof typeof faults;

// `npm run test:sweep` breaks every step in every way. This list has one way for each of the most important steps.
const sample: readonly (readonly [Step["kind"], FaultName])[] = [
  ["start", "the engine is killed"],
  ["gate", "ssh goes dead without a word"],
  ["prove", "the engine is killed"],
  ["confirm", "ssh is cut"],
  ["retire", "the plugin is killed"],
  ["soak", "the VPS loses power"],
];
const faultNames = Object.keys(faults) as FaultName[];
const sweep = stepKinds.flatMap((step) => faultNames.map((fault) => [step, fault] as const));
const cases = process.env["SWEEP"] ? sweep : sample;

let system: DeployedWorld;
let line: TcpProxy;

beforeAll(async () => {
  system = await DeployedWorld.open();
  line = await TcpProxy.open({ port: system.world.vps.sshPort });
  await system.overLine(line.port);
  await Promise.all([system.release(first), system.release(second)]);
  await system.deploy(first);
});

afterAll(async () => {
  // The state contains the address of this proxy, which closes now. The tests of the next file need the direct address.
  await (await DeployedWorld.open()).deploy(first);
  line.close();
});

beforeEach(async () => {
  // A fault that an earlier test could not repair must not fail this test.
  await system.pulumiRun(["cancel", "--yes"]);
});

const servingTag = async (): Promise<string> => String((await system.health()).body["version"]);
const whoServes = (): Promise<string> => servingTag().catch(() => "nobody");
const otherThan = (tag: string): string => (tag === first ? second : first);

/** Leaves an unconfirmed cutover to this tag: the run that made it is dead. */
async function dieUnconfirmed(tag: string): Promise<void> {
  const held = await system.upPausedAt("confirm", tag);
  process.kill(held.plugin, "SIGKILL");
  process.kill(held.engine, "SIGKILL");
  await held.ended;
}

/** Starts a rollout of this tag that has this step, and waits at the step. */
async function pauseAt(step: Step["kind"], tag: string): Promise<PausedUp> {
  if (step === "revert") {
    await dieUnconfirmed(otherThan(tag));
    await system.pulumiRun(["cancel", "--yes"]);
  }
  return system.upPausedAt(step, tag);
}

/** Expects that only the active release runs and that the broken run left nothing. */
async function expectOneRelease(tag: string): Promise<void> {
  expect(await servingTag()).toBe(tag);
  const running = await system.onVps("docker ps --filter label=app=memoryloop --format '{{.Names}}'");
  const link = await system.onVps("readlink /var/lib/memoryloop/current.sock");
  expect(running).toBe(`memoryloop-${link.replace(/^releases\/(.*)\.sock$/, "$1")}`);
  expect(await system.onVps("ls /var/lib/memoryloop")).not.toContain("unconfirmed");
  expect(await system.onVps("flock --nonblock /run/memoryloop/rollout.lock echo free")).toBe("free");
  expect(await system.onVps("systemctl list-units --plain --no-legend --state=failed 'memoryloop*'")).toBe("");
  const waiting = () => system.onVps("systemctl is-active memoryloop-revert.service || true");
  await expect.poll(waiting, { timeout: 10_000 }).toBe("inactive");
  const sockets = await system.onVps("systemctl list-units --plain --no-legend 'memoryloop-release@*.socket' | wc -l");
  expect(sockets).toBe("1");
}

/** Waits until the site answers without any action: one release answers several times in a row. A revert may happen meanwhile. */
async function expectBackByItself(): Promise<void> {
  const answering = async (): Promise<string> => {
    const answers = new Set<string>();
    for (let count = 0; count < 10; count++) answers.add(await whoServes());
    return [...answers].join(" and ");
  };
  await expect.poll(answering, { timeout: 90_000 }).toMatch(new RegExp(`^(${first}|${second})$`));
}

describe.each(cases)("at the step %s, %s", (step, name) => {
  test("the site stays up, and up again converges", async () => {
    const fault: Fault = faults[name];
    const serving = await servingTag();
    const desired = step === "revert" ? serving : otherThan(serving);
    const end = new AbortController();
    const load = keepAliveLoad({ target: system.target, clients: 8, pauseMs: 50, stop: end.signal });
    const held = await pauseAt(step, desired);
    await fault.strike({ system, line, held });
    if (fault.mayLose) await expectBackByItself();
    await held.release();
    const { code } = await held.ended;
    // A prune that fails costs disk space, not the deployment.
    if (step !== "prune") expect(code).not.toBe(0);
    await sleep(1000);
    await system.pulumiRun(["cancel", "--yes"]);
    await system.deploy(desired);
    end.abort();
    const { lost, statuses } = await load;
    if (!fault.mayLose) {
      expect(lost).toEqual([]);
      expect(Object.keys(statuses)).toEqual(["200"]);
    }
    await expectOneRelease(desired);
    // The next rollout does a prune that was lost.
    if (step === "prune") await system.deploy(serving);
    const all = await system.onVps("docker ps --all --quiet --filter label=app=memoryloop | wc -l");
    expect(Number(all)).toBeLessThanOrEqual(2);
  });
});

describe("a cutover without a confirm", () => {
  test("is reverted by the server, and its record says so", async () => {
    const before = await servingTag();
    const desired = otherThan(before);
    await dieUnconfirmed(desired);
    expect(await servingTag()).toBe(desired);
    // This sets the deadline into the past, instead of a wait of one minute.
    await system.onVps("cd /var/lib/memoryloop && sed -i 's/ [0-9]* deploy/ 1 deploy/' unconfirmed");
    await expect.poll(servingTag, { timeout: 10_000 }).toBe(before);
    // The links move first, the record follows.
    const record = () =>
      system.onVps("jq -r '.status, .imageTag' $(ls /var/lib/memoryloop/deployments/*.json | tail -n 1)");
    await expect.poll(record, { timeout: 10_000 }).toBe(`rolled_back\n${desired}`);
    await system.pulumiRun(["cancel", "--yes"]);
    await system.deploy(desired);
    await expectOneRelease(desired);
  });

  test("is reverted after a restart of the VPS too", async () => {
    const before = await servingTag();
    const desired = otherThan(before);
    await dieUnconfirmed(desired);
    await powerOffVps(system.world);
    await startVps(system.world);
    await expect.poll(whoServes, { timeout: 90_000 }).toBe(desired);
    await system.onVps("cd /var/lib/memoryloop && sed -i 's/ [0-9]* deploy/ 1 deploy/' unconfirmed");
    await expect.poll(whoServes, { timeout: 10_000 }).toBe(before);
    await system.pulumiRun(["cancel", "--yes"]);
    await system.deploy(desired);
    await expectOneRelease(desired);
  });

  test("a confirm that comes too late fails with the reason, and the previous release serves", async () => {
    const before = await servingTag();
    const desired = otherThan(before);
    const held = await system.upPausedAt("confirm", desired);
    await system.onVps("/usr/local/lib/memoryloop/revert-unconfirmed memoryloop now");
    await held.release();
    const { code, output } = await held.ended;
    expect(code).not.toBe(0);
    expect(output).toContain("the server has reverted the cutover, because it was not confirmed in time");
    expect(await servingTag()).toBe(before);
    await system.deploy(desired);
    await expectOneRelease(desired);
  });
});

describe("two updates at once, from two states", () => {
  test("one rolls out; the other names the lock holder and stops", async () => {
    const before = await servingTag();
    const desired = otherThan(before);
    const other = system.otherState();
    const held = await system.upPausedAt("gate", desired);
    const refused = await system.up(desired, other);
    await held.release();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/held by \S+@\S+ since .* \(rollout of memoryloop \w+, release \w+\)/);
    expect((await held.ended).code).toBe(0);
    expect(await servingTag()).toBe(desired);
    await expectOneRelease(desired);
  });
});

describe("a lock holder that stalls", () => {
  test("loses the lock to another update, and then fails without a change", async () => {
    const desired = otherThan(await servingTag());
    const other = system.otherState();
    const held = await system.upPausedAt("gate", desired);
    process.kill(held.plugin, "SIGSTOP");
    const lock = () => system.onVps("flock --nonblock /run/memoryloop/rollout.lock echo free || echo held");
    await expect.poll(lock, { timeout: 30_000 }).toBe("free");
    await system.deploy(desired, other);
    const link = await system.onVps("readlink /var/lib/memoryloop/current.sock");
    process.kill(held.plugin, "SIGCONT");
    await held.release();
    const { code, output } = await held.ended;
    expect(code).not.toBe(0);
    expect(output.replaceAll(/\s+/g, " ")).toContain("connection to the server lost; the lock was released");
    expect(await system.onVps("readlink /var/lib/memoryloop/current.sock")).toBe(link);
    await expectOneRelease(desired);
    // The other update has removed the container that this state knows.
    await system.deploy(desired, { extraWords: ["--refresh"] });
    await expectOneRelease(desired);
  });
});

/** Starts `up` and kills the engine as soon as Docker on the VPS reports the event. */
async function killAtEvent(event: string, tag: string): Promise<void> {
  const [type, action] = event.split(" ");
  const filters = `--filter type=${type} --filter event=${action}`;
  const seen = system.onVps(`read -r _ < <(docker events ${filters} 2>/dev/null)`);
  await sleep(1000);
  let engine = 0;
  const ended = system.up(tag, { started: (pid) => (engine = pid ?? 0) });
  await seen;
  process.kill(engine, "SIGKILL");
  await ended;
  await system.pulumiRun(["cancel", "--yes"]);
}

describe.each(["container create", "container start"])(
  "the engine is killed right after Docker's event %s",
  (event) => {
    test("up again creates it, and nothing remains of the first one", async () => {
      const desired = otherThan(await servingTag());
      await killAtEvent(event, desired);
      await system.deploy(desired);
      await expectOneRelease(desired);
      const containers = await system.onVps("docker ps --all --quiet --filter label=app=memoryloop | wc -l");
      expect(containers).toBe("2");
    });
  },
);

describe.runIf(process.env["SWEEP"])("the engine is killed right after Docker's event network create", () => {
  test("up again creates it", async () => {
    await system.pulumiRun(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
    await killAtEvent("network create", first);
    await system.deploy(first);
    await expectOneRelease(first);
    expect(await system.onVps("docker network ls --quiet --filter label=app=memoryloop | wc -l")).toBe("1");
  });
});

describe("a stray container", () => {
  test("is removed, and the same container is created", async () => {
    const stray = "bad-stray";
    await system.release(stray, "health-500");
    expect((await system.up(stray)).output).toContain("answered 500, not 200");
    await system.forget("docker:index/container:Container");
    const { output } = await system.up(stray);
    expect(output).toContain("answered 500, not 200");
    expect(output).not.toContain("already in use");
    await system.deploy(first);
    await expectOneRelease(first);
  });
});
