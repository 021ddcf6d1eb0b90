import { beforeAll, describe, expect, test } from "vitest";
import type { Behaviour } from "../../rehearsal/release/release";
import type { LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const good = "a0000aa";

/** A release that must not become active, and the reason in the error. */
interface Broken {
  readonly behaviour: Behaviour;
  readonly reason: RegExp;
}

const brokens: readonly Broken[] = [
  { behaviour: "exits-at-start", reason: /the container exited with code \d+/ },
  { behaviour: "never-listens", reason: /nothing listens on the container's port/ },
  { behaviour: "health-500", reason: /answered 500, not 200.*\(4 times in a row\)/ },
  { behaviour: "health-hangs", reason: /no answer within \d+ s/ },
  { behaviour: "health-redirects", reason: /answered 30\d, not 200/ },
  { behaviour: "status-unhealthy", reason: /(status is "unhealthy"|answered 503, not 200)/ },
  { behaviour: "database-down", reason: /(critical check "database"|answered 503, not 200)/ },
  { behaviour: "wrong-version", reason: /version is ".*", expected "bad.*"/ },
  { behaviour: "fails-after", reason: /after the cutover: answered 50\d, not 200/ },
  { behaviour: "eats-memory", reason: /(more memory than its limit|the container exited with code 137)/ },
];

let system: DeployedWorld;
// Shorter limits than the defaults, because the test checks the reason and not the duration. The release that answers 500
// gets the defaults, so that the printed time is real.
const shortLimits = {
  "health.deadlineSeconds": 12,
  "health.answerSeconds": 3,
  "health.retrySeconds": 0.5,
  "rollout.soakSeconds": 12,
};

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(good);
  await system.deploy(good);
});

const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  system.underLoad({ clients: 10, pauseMs: 50 }, work);

const runningTags = () => system.onVps("docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'");

/** Seconds since Docker's first event of this kind for a release of the tag. */
async function secondsSince(event: "start" | "die", tag: string): Promise<number> {
  const now = Date.now() / 1000;
  const filters = `--filter type=container --filter event=${event} --filter label=image-tag=${tag}`;
  const noted = await system.onVps(
    `docker events --since ${now - 600} --until ${now} ${filters} --format '{{.TimeNano}}' | head -n 1`,
  );
  return now - Number(noted) / 1e9;
}

describe.each(brokens)("a release with the fault $behaviour", ({ behaviour, reason }) => {
  test("fails with the reason, does not keep running, and loses no request", async () => {
    const tag = `bad-${behaviour}`;
    await system.release(tag, behaviour, 4);
    const load = await underLoad(async () => {
      const { code, output } = await system.up(
        tag,
        system.otherCheckout(behaviour === "health-500" ? {} : shortLimits),
      );
      const event = behaviour === "exits-at-start" || behaviour === "eats-memory" ? "die" : "start";
      console.log(`${behaviour}: pulumi up ended ${(await secondsSince(event, tag)).toFixed(1)} s after its ${event}`);
      expect(output).toMatch(reason);
      expect(output).toContain(`the site still runs ${good}`);
      expect(code).not.toBe(0);
    });
    expect(load.lost).toEqual([]);
    expect(await runningTags()).toBe(good);
    expect((await system.health()).body["version"]).toBe(good);
  });
});

describe("after all these releases", () => {
  test("the old tag deploys, and a good new tag too", async () => {
    await system.deploy(good);
    await system.release("b0000bb");
    await system.deploy("b0000bb");
    expect((await system.health()).body["version"]).toBe("b0000bb");
  });

  test("their records have the status failed or rolled_back, with the reason", async () => {
    const records = await system.onVps(
      "jq -r '[.imageTag, .status, .reason] | @tsv' /var/lib/memoryloop/deployments/*.json",
    );
    for (const { behaviour } of brokens) {
      const status = behaviour === "fails-after" ? "rolled_back" : "failed";
      expect(records).toMatch(new RegExp(`^bad-${behaviour}\\t${status}\\t.+$`, "m"));
    }
  });
});
