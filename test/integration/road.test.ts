import { beforeAll, describe, expect, test } from "vitest";
import { startService, restartVps, stopService } from "../../rehearsal/world/world";
import { eventStream, longUpload, webSocket, type LoadReport } from "../support/load";
import { Road } from "../support/road";

const rollouts = 20;
const [first, second] = ["a0000aa", "b0000bb"] as const;

let road: Road;

beforeAll(async () => {
  road = await Road.open();
  await Promise.all([road.release(first), road.release(second)]);
  await road.deploy(first);
});

/** Fifty clients, half of them posting. */
const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  road.underLoad({ clients: 50, pauseMs: 40 }, work);

function expectNothingLost(load: LoadReport): void {
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200"]);
  expect(load.sent).toBe(load.answered);
}

describe("a deployed site", () => {
  test("answers the health endpoint with the schema of data-model.md section 1", async () => {
    const { status, body } = await road.health();
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
    const { code, output } = await road.up(undefined, { extraWords: ["--expect-no-changes", "--diff"] });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\n/);
    expect(await road.outputs()).toMatchObject({ imageTag: first });
  });

  test("preview --refresh right after shows no change", async () => {
    const { code, output } = await road.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\n/);
  });

  test("does not roll back what another checkout deployed", async () => {
    const other = road.otherCheckout();
    await road.deploy(second, other);
    await road.deploy();
    expect((await road.health()).body["version"]).toBe(second);
    await road.deploy(first);
  });
});

describe("twenty rollouts in a row", () => {
  test("lose no request of 50 keep-alive clients, half of them posting", async () => {
    const load = await underLoad(async () => {
      for (let count = 0; count < rollouts; count++) await road.deploy(count % 2 === 0 ? second : first);
    });
    console.log(`${rollouts} rollouts: ${load.sent} requests sent, ${load.lost.length} lost`);
    expectNothingLost(load);
    expect(Object.keys(load.byRelease).toSorted()).toEqual([first, second]);
  });

  test("leave two containers: the serving one and the rollback target, stopped", async () => {
    const states = await road.onVps("docker ps --all --filter label=app=memoryloop --format '{{.State}}' | sort");
    expect(states).toBe("exited\nrunning");
  });
});

describe("a cutover", () => {
  test("leaves an upload of 20 s, an event stream and a WebSocket undisturbed", async () => {
    const end = new AbortController();
    const upload = longUpload(road.target, 20);
    const events = eventStream(road.target, end.signal);
    const socket = webSocket(road.target, end.signal);
    const deployed = road.deploy(second);
    const uploaded = await upload;
    end.abort();
    await deployed;
    expect(uploaded).toMatchObject({ isIntact: true });
    expect(await events).toMatchObject({ releases: [first], missing: [], endedBy: "client" });
    const echoes = await socket;
    expect(echoes).toMatchObject({ release: first, endedBy: "client" });
    expect(echoes.echoed).toBe(echoes.sent);
    expect((await road.health()).body["version"]).toBe(second);
  });
});

describe("going back", () => {
  test("needs no registry, and previousImageTag is what was left", async () => {
    await road.deploy(first);
    await road.deploy(second);
    expect((await road.outputs())["previousImageTag"]).toBe(first);
    await stopService(road.world, "registry");
    try {
      await road.deploy(first);
    } finally {
      await startService(road.world, "registry");
    }
    expect((await road.health()).body["version"]).toBe(first);
    expect(await road.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
  });

  test("a change of environment alone rolls out too and keeps previousImageTag", async () => {
    const before = await road.onVps("readlink /var/lib/memoryloop/current.sock");
    await road.deploy(undefined, { extraWords: ["--config", "environment.LOG_LEVEL=debug", "--config-path"] });
    expect(await road.onVps("readlink /var/lib/memoryloop/current.sock")).not.toBe(before);
    expect(await road.onVps("cat /opt/memoryloop/config/.env.production")).toContain("LOG_LEVEL='debug'");
    expect(await road.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
  });
});

describe("a release that answers 500", () => {
  const bad = "bad0500";

  test("fails the update and loses nothing; the message says why", async () => {
    await road.release(bad, "health-500");
    const load = await underLoad(async () => {
      const { code, output } = await road.up(bad);
      expect(code).not.toBe(0);
      expect(output).toContain("answered 500, not 200");
      expect(output).toContain(`the site still runs ${first}`);
      expect(output).toContain("last log lines of release");
    });
    expectNothingLost(load);
    expect(Object.keys(load.byRelease)).toEqual([first]);
  });

  test("does not run on", async () => {
    const running = await road.onVps("docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'");
    expect(running).toBe(first);
  });

  test("after a restart of the VPS the old release serves, with its own environment", async () => {
    const link = await road.onVps("readlink /opt/memoryloop/config/.env.production");
    await restartVps(road.world);
    await expect
      .poll(
        () =>
          road.health().then(
            ({ body }) => body["version"],
            () => "",
          ),
        { timeout: 60_000 },
      )
      .toBe(first);
    expect(await road.onVps("readlink /opt/memoryloop/config/.env.production")).toBe(link);
    const container = await road.onVps("docker ps --filter label=app=memoryloop --format '{{.Names}}'");
    const mounted = await road.onVps(`docker inspect ${container} --format '{{range .Mounts}}{{.Source}} {{end}}'`);
    expect(mounted).toContain(link.replace("releases/", "/opt/memoryloop/config/releases/"));
  });

  test("up with the old tag succeeds, and with a good new tag too", async () => {
    await road.deploy(first);
    expect((await road.health()).body["version"]).toBe(first);
    await road.up(bad);
    await road.deploy(second);
    expect((await road.health()).body["version"]).toBe(second);
    expect(await road.outputs()).toMatchObject({ imageTag: second, previousImageTag: first });
  });
});

describe("destroy", () => {
  test("takes site and containers, leaves data and certificates; up after it works", async () => {
    const { code, output } = await road.pulumiRun(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
    expect(output).toContain("deleted");
    expect(code).toBe(0);
    expect(await road.onVps("docker ps --all --quiet --filter label=app=memoryloop")).toBe("");
    expect(await road.onVps("ls /etc/nginx/sites-enabled")).not.toContain("memoryloop");
    expect(await road.onVps("ls /opt/memoryloop/data/lancedb")).not.toBe("");
    expect(await road.onVps(`ls /etc/letsencrypt/live/${road.world.domain}`)).toContain("fullchain.pem");
    await road.deploy(first);
    expect((await road.health()).body["version"]).toBe(first);
  });
});
