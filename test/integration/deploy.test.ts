import { beforeAll, describe, expect, test } from "vitest";
import { startService, restartVps, stopService } from "../../rehearsal/world/world";
import { eventStream, longUpload, webSocket, type LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const rollouts = 20;
const [first, second] = ["a0000aa", "b0000bb"] as const;

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([system.release(first), system.release(second)]);
  await system.deploy(first);
});

/** Fifty clients; half of their requests are POST. */
const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  system.underLoad({ clients: 50, pauseMs: 40 }, work);

function expectNothingLost(load: LoadReport): void {
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200"]);
  expect(load.sent).toBe(load.answered);
}

describe("a deployed site", () => {
  test("answers the health endpoint with the schema of docs/data-model.md section 1", async () => {
    const { status, body } = await system.health();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "healthy",
      version: first,
      checks: { database: { status: "up" }, anthropic: { status: "up" } },
    });
    expect(body["uptime"]).toBeTypeOf("number");
  });
});

describe("up again", () => {
  test("without a tag changes nothing", async () => {
    const { code, output } = await system.up(undefined, { extraWords: ["--expect-no-changes", "--diff"] });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\n/);
    expect(await system.outputs()).toMatchObject({ imageTag: first });
  });

  test("preview --refresh right after shows no change", async () => {
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\n/);
  });

  test("does not roll back the deployment of another checkout", async () => {
    const other = system.otherCheckout();
    await system.deploy(second, other);
    await system.deploy();
    expect((await system.health()).body["version"]).toBe(second);
    await system.deploy(first);
  });
});

describe("twenty rollouts in a row", () => {
  test("lose no request of 50 keep-alive clients, half of them POST", async () => {
    const load = await underLoad(async () => {
      for (let count = 0; count < rollouts; count++) await system.deploy(count % 2 === 0 ? second : first);
    });
    console.log(`${rollouts} rollouts: ${load.sent} requests sent, ${load.lost.length} lost`);
    expectNothingLost(load);
    expect(Object.keys(load.byRelease).toSorted()).toEqual([first, second]);
  });

  test("leave two containers: the active release, and the rollback target, which is stopped", async () => {
    const states = await system.onVps("docker ps --all --filter label=app=memoryloop --format '{{.State}}' | sort");
    expect(states).toBe("exited\nrunning");
  });
});

describe("a cutover", () => {
  test("leaves an upload of 20 s, an event stream and a WebSocket undisturbed", async () => {
    const end = new AbortController();
    const upload = longUpload(system.target, 20);
    const events = eventStream(system.target, end.signal);
    const socket = webSocket(system.target, end.signal);
    const deployment = system.deploy(second);
    const uploaded = await upload;
    end.abort();
    await deployment;
    expect(uploaded).toMatchObject({ isIntact: true });
    expect(await events).toMatchObject({ releases: [first], missing: [], endedBy: "client" });
    const echoes = await socket;
    expect(echoes).toMatchObject({ release: first, endedBy: "client" });
    expect(echoes.echoed).toBe(echoes.sent);
    expect((await system.health()).body["version"]).toBe(second);
  });
});

describe("a rollback by pulumi up", () => {
  test("needs no registry, and previousImageTag is the tag that was active before", async () => {
    await system.deploy(first);
    await system.deploy(second);
    expect((await system.outputs())["previousImageTag"]).toBe(first);
    await stopService(system.world, "registry");
    try {
      await system.deploy(first);
    } finally {
      await startService(system.world, "registry");
    }
    expect((await system.health()).body["version"]).toBe(first);
    expect(await system.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
  });

  test("a change of the environment alone starts a rollout and keeps previousImageTag", async () => {
    const before = await system.onVps("readlink /var/lib/memoryloop/current.sock");
    // `up --config` would replace the whole section by this one variable.
    const { code, output } = await system.pulumiRun(["config", "set", "--path", "variables.LOG_LEVEL", "debug"]);
    expect(code, output).toBe(0);
    await system.deploy();
    expect(await system.onVps("readlink /var/lib/memoryloop/current.sock")).not.toBe(before);
    expect(await system.onVps("cat /opt/memoryloop/config/.env.production")).toContain("LOG_LEVEL='debug'");
    expect(await system.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
  });
});

describe("an outage of GitHub and an expired token", () => {
  // Nothing listens on the port.
  const environment = { GITHUB_TOKEN: "ghp_expired", GITHUB_BASE_URL: "http://127.0.0.1:9/" };

  test("prevent neither a deployment nor a rollback", async () => {
    for (const tag of [second, first]) {
      await system.deploy(tag, { environment });
      expect((await system.health()).body["version"]).toBe(tag);
    }
  });
});

describe("a release that answers 500", () => {
  const bad = "bad0500";

  test("fails the update and loses no request; the message gives the reason", async () => {
    await system.release(bad, "health-500");
    const load = await underLoad(async () => {
      const { code, output } = await system.up(bad);
      expect(code).not.toBe(0);
      expect(output).toContain("answered 500, not 200");
      expect(output).toContain(`the site still runs ${first}`);
      expect(output).toContain("last log lines of release");
    });
    expectNothingLost(load);
    expect(Object.keys(load.byRelease)).toEqual([first]);
  });

  test("does not keep running", async () => {
    const running = await system.onVps("docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'");
    expect(running).toBe(first);
  });

  test("after a restart of the VPS the previous release serves with its own environment", async () => {
    const link = await system.onVps("readlink /opt/memoryloop/config/.env.production");
    await restartVps(system.world);
    await expect
      .poll(
        () =>
          system.health().then(
            ({ body }) => body["version"],
            () => "",
          ),
        { timeout: 60_000 },
      )
      .toBe(first);
    expect(await system.onVps("readlink /opt/memoryloop/config/.env.production")).toBe(link);
    const container = await system.onVps("docker ps --filter label=app=memoryloop --format '{{.Names}}'");
    const mounted = await system.onVps(`docker inspect ${container} --format '{{range .Mounts}}{{.Source}} {{end}}'`);
    expect(mounted).toContain(link.replace("releases/", "/opt/memoryloop/config/releases/"));
  });

  test("up with the old tag succeeds, and with a good new tag too", async () => {
    await system.deploy(first);
    expect((await system.health()).body["version"]).toBe(first);
    await system.up(bad);
    await system.deploy(second);
    expect((await system.health()).body["version"]).toBe(second);
    expect(await system.outputs()).toMatchObject({ imageTag: second, previousImageTag: first });
  });
});

describe("destroy", () => {
  test("removes site and containers, keeps data and certificates; a later up works", async () => {
    const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
    expect(output).toContain("deleted");
    expect(code).toBe(0);
    expect(await system.onVps("docker ps --all --quiet --filter label=app=memoryloop")).toBe("");
    expect(await system.onVps("ls /etc/nginx/sites-enabled")).not.toContain("memoryloop");
    expect(await system.onVps("ls /opt/memoryloop/data/lancedb")).not.toBe("");
    expect(await system.onVps(`ls /etc/letsencrypt/live/${system.world.domain}`)).toContain("fullchain.pem");
    await system.deploy(first);
    expect((await system.health()).body["version"]).toBe(first);
  });
});
