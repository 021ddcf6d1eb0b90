import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "e0000ee";

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
});

const activeRelease = (): Promise<string> =>
  system.onVps("basename $(readlink /var/lib/memoryloop/current.sock) .sock");

async function containerUrn(): Promise<string> {
  const { output } = await system.pulumiRun(["stack", "export"]);
  const { deployment } = JSON.parse(output) as { deployment: { resources: { urn: string; type: string }[] } };
  return deployment.resources.find(({ type }) => type === "docker:index/container:Container")?.urn ?? "";
}

describe("a container that the engine replaces although no input changed", () => {
  test("gets a rollout like any other release, and no request is lost", async () => {
    const before = await activeRelease();
    const urn = await containerUrn();
    const load = await system.underLoad({ clients: 20, pauseMs: 40 }, () =>
      system.deploy(undefined, { extraWords: ["--replace", urn] }),
    );
    expect(load.lost).toEqual([]);
    expect(Object.keys(load.statuses)).toEqual(["200"]);
    expect(await activeRelease()).not.toBe(before);
    expect((await system.health()).body["version"]).toBe(tag);
  });

  test("the next plain up and a refresh change nothing", async () => {
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(code, output).toBe(0);
  });

  test("can be replaced again, beside a release with the same address", async () => {
    const before = await activeRelease();
    await system.deploy(undefined, { extraWords: ["--replace", await containerUrn()] });
    expect(await activeRelease()).not.toBe(before);
  });
});

describe("the container of a release", () => {
  test("is created but not started, and its limit of processes is set before its start", async () => {
    const held = await system.upPausedAt("start", tag, {
      environment: system.otherCheckout({ "variables.LOG_LEVEL": "warn" }).environment ?? {},
    });
    const states = () => system.onVps("docker ps --all --filter label=app=memoryloop --format '{{.State}}' | sort");
    expect(await states()).toContain("created");
    await held.release();
    expect((await held.ended).code).toBe(0);
    const limits = await system.onVps(
      "docker inspect --format '{{.HostConfig.PidsLimit}}' $(docker ps --quiet --filter label=app=memoryloop)",
    );
    expect(limits).toBe("512");
    await system.deploy();
  });
});
