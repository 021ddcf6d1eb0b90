import { beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import type { LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { repositoryRoot } from "../../repository";

// Tests the program's main path once with the real engine. `npm test` runs this file. The other files of this folder test
// the details; `npm run test:all` runs them.

const [first, second, broken] = ["e0000aa", "e0000bb", "bad0e00"] as const;

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([system.release(first), system.release(second), system.release(broken, "health-500")]);
  await system.deploy(first);
});

const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  system.underLoad({ clients: 20, pauseMs: 40 }, work);

function expectNothingLost(load: LoadReport, releases: readonly string[]): void {
  expect(load.lost).toEqual([]);
  expect(Object.keys(load.statuses)).toEqual(["200"]);
  expect(Object.keys(load.byRelease).toSorted()).toEqual(releases);
}

const servingTag = async (): Promise<unknown> => (await system.health()).body["version"];

function ops(...words: string[]): Promise<string> {
  const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)];
  const environment = { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket };
  return run(line, { cwd: repositoryRoot, environment, seconds: 120 });
}

describe("a deployment", () => {
  test("under load loses no request, and shows each step while it happens", async () => {
    let output = "";
    const load = await underLoad(async () => {
      output = await system.deploy(second);
    });
    expectNothingLost(load, [first, second]);
    const ended = output.matchAll(
      / (gate: \d+ of \d+ healthy,|switch:|soak:|drain: \d+ connections left,) [\d.]+ s\s*$/gm,
    );
    expect([...ended].map(([, step = ""]) => step.split(":")[0])).toEqual(["gate", "switch", "soak", "drain"]);
    expect(await servingTag()).toBe(second);
    expect(await system.outputs()).toMatchObject({ imageTag: second, previousImageTag: first });
  });

  test("that is repeated changes nothing", async () => {
    const { code, output } = await system.up(undefined, { extraWords: ["--expect-no-changes"] });
    expect(code, output).toBe(0);
  });
});

describe("a broken release", () => {
  test("fails the deployment, gives the reason, and the active release serves every request", async () => {
    const load = await underLoad(async () => {
      const { code, output } = await system.up(broken);
      expect(code).not.toBe(0);
      expect(output).toContain("answered 500, not 200");
    });
    expectNothingLost(load, [second]);
    expect(await servingTag()).toBe(second);
  });
});

describe("ops rollback --now", () => {
  test("makes the previous release active without the engine and loses no request", async () => {
    expectNothingLost(await underLoad(() => ops("rollback", "--now")), [first, second]);
    expect(await servingTag()).toBe(first);
  });

  test("is what the next plain up keeps", async () => {
    await system.deploy();
    expect(await servingTag()).toBe(first);
    expect(await system.outputs()).toMatchObject({ imageTag: first });
  });
});

describe("drift", () => {
  /** Names of the resources that `preview --refresh` would change. */
  async function drifted(): Promise<string[]> {
    const { output } = await system.pulumiRun(["preview", "--refresh"]);
    const changes = output.matchAll(/^ \S+ +[a-z]+:\S+ (\S+) (?:update|create|delete|replace)\b/gm);
    return [...new Set([...changes].map(([, name = ""]) => name))].sort();
  }

  test("shows in preview --refresh, and up --refresh repairs it without a lost request", async () => {
    await system.onVps("chmod 0600 /etc/docker/daemon.json && rm /etc/apt/apt.conf.d/52vps");
    expect(await drifted()).toEqual(["host-docker-daemon", "host-upkeep"]);
    const load = await underLoad(async () => {
      const { code, output } = await system.up(undefined, { extraWords: ["--refresh"] });
      expect(code, output).toBe(0);
    });
    expectNothingLost(load, [first]);
    const again = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"]);
    expect(again.code, again.output).toBe(0);
  });
});

describe("a backup", () => {
  test("restores its rows when it is restored in place", async () => {
    await system.addItem("in the backup");
    const saved = await system.countItems();
    await ops("backup");
    await system.addItem("after the backup");
    expect(await system.countItems()).toBe(saved + 1);
    await ops("restore", "latest", "--in-place");
    expect(await system.countItems()).toBe(saved);
    expect(await servingTag()).toBe(first);
  });
});

describe("destroy", () => {
  test("removes site and containers, and keeps data and certificate", async () => {
    const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
    expect(code, output).toBe(0);
    expect(await system.onVps("docker ps --all --quiet --filter label=app=memoryloop")).toBe("");
    expect(await system.onVps("ls /etc/nginx/sites-enabled")).not.toContain("memoryloop");
    expect(await system.onVps("ls /opt/memoryloop/data/lancedb")).not.toBe("");
    expect(await system.onVps(`ls /etc/letsencrypt/live/${system.world.domain}`)).toContain("fullchain.pem");
  });
});
