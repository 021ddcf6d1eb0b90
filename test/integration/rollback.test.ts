import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import { startService, stopService } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const [first, second, third] = ["a0000aa", "b0000bb", "c0000cc"] as const;

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([first, second, third].map((tag) => system.release(tag)));
  await system.deploy(first);
  await system.deploy(second);
});

afterAll(async () => {
  await system.deploy(first);
});

/** The operator's command line in an emergency: PATH has no engine. */
const command = (words: readonly string[]) => ({
  line: [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)],
  options: { cwd: repositoryRoot, environment: { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket } },
});

function ops(...words: string[]): Promise<string> {
  const { line, options } = command(words);
  return run(line, { ...options, seconds: 120 });
}

const servingTag = async (): Promise<string> => String((await system.health()).body["version"]);
const running = () => system.onVps("docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'");

async function expectOneRelease(tag: string): Promise<void> {
  expect(await servingTag()).toBe(tag);
  expect(await running()).toBe(tag);
  expect(await system.onVps("ls /var/lib/memoryloop")).not.toContain("unconfirmed");
  const sockets = await system.onVps("systemctl list-units --plain --no-legend 'memoryloop-release@*.socket' | wc -l");
  expect(sockets).toBe("1");
}

describe("ops rollback", () => {
  test("prints the command for a rollback, and changes nothing", async () => {
    const said = await ops("rollback");
    expect(said).toContain(`the site runs ${second}; the previous release is ${first}`);
    expect(said).toContain(`pulumi up --stack prod -c imageTag=${first}`);
    expect(await servingTag()).toBe(second);
  });
});

describe("ops rollback --now", () => {
  test("rolls back without engine and registry, and loses no request", async () => {
    await stopService(system.world, "registry");
    try {
      const load = await system.underLoad({ clients: 20, pauseMs: 40 }, async () => {
        const said = await ops("rollback", "--now", "--reason", "checkout is broken", "--json");
        expect(JSON.parse(said)).toMatchObject({ serving: first, rolledBack: second });
      });
      console.log(`ops rollback --now: ${load.sent} requests sent, ${load.lost.length} lost`);
      expect(load.lost).toEqual([]);
      expect(Object.keys(load.statuses)).toEqual(["200"]);
      expect(Object.keys(load.byRelease).toSorted()).toEqual([first, second]);
    } finally {
      await startService(system.world, "registry");
    }
    await expectOneRelease(first);
  });

  test("writes a record of the tag that was rolled back", async () => {
    const records = JSON.parse(await ops("history", "--json")) as Record<string, unknown>[];
    expect(records.at(-1)).toMatchObject({
      imageTag: second,
      status: "rolled_back",
      previousVersion: first,
      healthCheckPassed: true,
      reason: "checkout is broken",
    });
    expect(await ops("history")).toMatch(new RegExp(`${second} +rolled_back +before: ${first}.* checkout is broken`));
  });

  test("a second rollback changes nothing", async () => {
    expect(await ops("rollback", "--now")).toContain(`the site runs ${first} again`);
    await expectOneRelease(first);
  });
});

describe("the next up", () => {
  const refusal = new RegExp(
    `image tag ${second} was rolled back by \\S+ at \\S+ \\(checkout is broken\\); the site runs ${first}`,
  );

  test("of the refused tag fails, also with force as long as the stack does not know of the rollback", async () => {
    const plain = await system.up(second);
    expect(plain.code).not.toBe(0);
    expect(plain.output.replaceAll(/\s+/g, " ")).toMatch(refusal);
    const byForce = await system.up(second, { extraWords: ["--config", `force=${second}`] });
    expect(byForce.code).not.toBe(0);
    expect(byForce.output).toContain("the stack does not know it yet");
    await expectOneRelease(first);
  });

  test("without a tag keeps the active release: the outputs follow, and then nothing differs", async () => {
    const load = await system.underLoad({ clients: 10, pauseMs: 50 }, () => system.deploy());
    expect(load.lost).toEqual([]);
    expect(Object.keys(load.byRelease)).toEqual([first]);
    expect(await system.outputs()).toMatchObject({ imageTag: first, previousImageTag: second });
    await expectOneRelease(first);
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"]);
    expect(code, output).toBe(0);
  });

  test("of that tag is still refused, also in a preview; with force it deploys, and the tag is no longer refused", async () => {
    for (const verb of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, output } = await system.pulumiRun([...verb, "--config", `imageTag=${second}`]);
      expect(code).not.toBe(0);
      expect(output.replaceAll(/\s+/g, " ")).toMatch(refusal);
    }
    await system.deploy(second);
    await expectOneRelease(second);
    const again = await system.up(second);
    expect(again.code, again.output).toBe(0);
    expect(await system.outputs()).toMatchObject({ imageTag: second, previousImageTag: first });
  });
});

/** Starts a rollback, kills it at the step, and returns when it has ended. */
async function killAt(step: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "hold-")), "held");
  const { line, options } = command(["rollback", "--now"]);
  const [program = "", ...words] = line;
  const environment = { ...options.environment, VPS_BREAKPOINT: step, VPS_BREAKPOINT_FILE: file };
  const child = spawn(program, words, { cwd: options.cwd, env: environment, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (!existsSync(file)) {
    expect(child.exitCode, `the rollback ended before it came to ${step}`).toBeNull();
    await sleep(50);
  }
  child.kill("SIGKILL");
  await ended;
}

const sample = ["start", "prove", "confirm", "retire"];
const steps = ["start", "gate", "switch", "prove", "record", "confirm", "drain", "retire"];

describe.each(process.env["SWEEP"] ? steps : sample)("a rollback that is killed at its step %s", (step) => {
  test("loses no request, and the same command completes it", async () => {
    const before = await servingTag();
    const desired = before === second ? third : second;
    await system.deploy(desired);
    const load = await system.underLoad({ clients: 8, pauseMs: 50 }, async () => {
      await killAt(step);
      await sleep(1000);
      await ops("rollback", "--now");
    });
    expect(load.lost).toEqual([]);
    expect(Object.keys(load.statuses)).toEqual(["200"]);
    await expectOneRelease(before);
    expect((await system.up(desired)).output).toContain(`image tag ${desired} was rolled back`);
    await system.deploy();
    await expectOneRelease(before);
  });
});

describe("without a previous release", () => {
  test("the command fails with the reason, and the site continues to serve", async () => {
    await system.deploy(third);
    const before = await servingTag();
    await system.onVps("docker rm $(docker ps --all --quiet --filter label=app=memoryloop --filter status=exited)");
    await expect(ops("rollback", "--now")).rejects.toThrow(/the container of release \w+ is missing on the server/);
    await expectOneRelease(before);
  });
});

describe("ops logs", () => {
  test("prints the app's log", async () => {
    const lines = JSON.parse(await ops("logs", "--lines", "5", "--json")) as { from: string; line: string }[];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(5);
    for (const { from } of lines) expect(from).toMatch(/^memoryloop-[0-9a-f]{7}$/);
  });
});
