import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import { startService, stopService } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const good = ["a0000aa", "b0000bb", "c0000cc", "d0000dd", "e0000ee"] as const;
const [first, second] = good;
const bad = "bad0500";

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  for (const tag of good) await system.release(tag);
  await system.release(bad, "health-500");
  await system.deploy(first);
  await system.deploy(second);
});

afterAll(async () => {
  await system.deploy(first);
});

const servingTag = async (): Promise<string> => String((await system.health()).body["version"]);

function ops(...words: string[]): Promise<string> {
  const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)];
  const environment = { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket };
  return run(line, { cwd: repositoryRoot, environment, seconds: 120 });
}

describe("Ctrl-C during the soak", () => {
  test("the server finishes the deployment; a plain up reports it and keeps it, and the outputs follow", async () => {
    const held = await system.upPausedAt("soak", first);
    process.kill(held.engine, "SIGINT");
    await held.release();
    expect((await held.ended).code).not.toBe(0);
    expect(await servingTag()).toBe(first);
    const output = await system.deploy();
    expect(output.replaceAll(/\s+/g, " ")).toContain(`the server runs ${first}, the stack's outputs name ${second}`);
    expect(await servingTag()).toBe(first);
    expect(await system.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
    const { code, output: after } = await system.up(undefined, { extraWords: ["--expect-no-changes"] });
    expect(code, after).toBe(0);
  });
});

describe("a failed deployment", () => {
  test("names the active tag and the next command", async () => {
    const { code, output } = await system.up(bad);
    expect(code).not.toBe(0);
    const said = output.replaceAll(/\s+/g, " ");
    expect(said).toContain(`to keep ${first}, run \`pulumi up\``);
    expect(said).not.toContain("<the tag before>");
    // It prints no output as deleted.
    expect(output).not.toMatch(/^ +- (url|imageTag)/m);
    expect(await system.outputs()).toMatchObject({ imageTag: first });
  });

  test("and a plain up after it keep the rollback target: the last other tag that served", async () => {
    await system.deploy();
    expect(await servingTag()).toBe(first);
    expect(await system.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
    expect(await ops("rollback")).toContain(`the previous release is ${second}`);
  });

  test("and a change of configuration keep it too", async () => {
    await system.up(bad);
    const other = system.otherCheckout({ "variables.LOG_LEVEL": "debug" });
    await system.deploy(undefined, other);
    await system.deploy();
    expect(await ops("rollback", "--now", "--json")).toContain(`"serving": "${second}"`);
    expect(await servingTag()).toBe(second);
    await system.deploy();
    expect(await system.outputs()).toMatchObject({ imageTag: second });
  });
});

describe("the images of the tags that served", () => {
  test("are kept after bad releases: every entry of `releases` deploys while the registry is down", async () => {
    for (const tag of good) await system.deploy(tag);
    const bads = ["bad0001", "bad0002", "bad0003", "bad0004"];
    for (const tag of bads) {
      await system.release(tag, "health-500");
      await system.up(tag);
    }
    await system.deploy();
    const releases = (await system.outputs())["releases"] as { tag: string }[];
    expect(releases.map(({ tag }) => tag).toSorted()).toEqual([...good].toSorted());
    await stopService(system.world, "registry");
    try {
      for (const { tag } of releases.toReversed()) {
        await system.deploy(tag);
        expect(await servingTag()).toBe(tag);
      }
    } finally {
      await startService(system.world, "registry");
    }
  });
});

describe("a record that a power cut left incomplete", () => {
  const file = "/var/lib/memoryloop/deployments/deploy-20990101T000000000Z.json";

  test("is reported and ignored by up and history", async () => {
    await system.onVps(`printf '{ "id": "deploy-2099' >${file}`);
    const output = await system.deploy();
    expect(output.replaceAll(/\s+/g, " ")).toContain(`deployment record ${file} cannot be read and is ignored`);
    expect(await ops("history")).toContain(await servingTag());
    await system.onVps(`rm ${file}`);
  });
});

describe("a record of a deployment", () => {
  test("contains the size and the build time of the image", async () => {
    const records = JSON.parse(await ops("history", "--json")) as Record<string, unknown>[];
    const last = records.findLast(({ status }) => status === "success");
    expect(Number(last?.["imageSize"])).toBeGreaterThan(1_000_000);
    expect(Date.parse(String(last?.["imageCreated"]))).toBeGreaterThan(0);
  });
});

describe("no tag remains in the stack file after a refusal", () => {
  const text = () => readFileSync(stackFile(system.world), "utf8");

  async function expectRefused(tag: string, words: readonly string[] = []): Promise<string> {
    const { code, output } = await system.up(tag, { extraWords: words });
    expect(code).not.toBe(0);
    expect(text()).not.toContain("imageTag");
    expect(text()).not.toContain("force");
    return output;
  }

  test("of a bad configuration", async () => {
    const before = text();
    expect(await expectRefused(first, ["--config", "appp=x"])).toContain("appp");
    expect(await system.outputs()).toHaveProperty("imageTag");
    await system.pulumiRun(["config", "rm", "appp"]);
    expect(text().trim()).toBe(before.trim());
  });

  test("of a bad tag", async () => {
    expect(await expectRefused("no/tag")).toContain("imageTag");
  });

  test("of the registry", async () => {
    expect(await expectRefused("0000000")).toContain("the registry does not have this image");
  });

  test("of the server", async () => {
    const socket = "/run/lock/nothing";
    const { code } = await system.up(first, { environment: { SSH_AUTH_SOCK: socket } });
    expect(code).not.toBe(0);
    expect(text()).not.toContain("imageTag");
  });

  test("and the next plain up works", async () => {
    await system.deploy();
  });
});
