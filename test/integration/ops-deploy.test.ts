import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PulumiRun } from "../../rehearsal/pulumi";
import { keysIn, publicKey } from "../../rehearsal/world/keys";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

// A deploy key deploys no image that served before, so each run has tags of its own.
const stamp = Date.now().toString(16).slice(-6);
const [first, second, third, unhealthy] = [`a${stamp}`, `b${stamp}`, `c${stamp}`, `d${stamp}`] as const;
const user = "memoryloop-deploy";

let system: DeployedWorld;
let checkout: PulumiRun;

const up = (tag?: string) =>
  system.deploy(tag, { ...checkout, ...(tag && { extraWords: ["--config", `force=${tag}`] }) });

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([first, second, third].map((tag) => system.release(tag)));
  await system.release(unhealthy, "health-500");
  const key = publicKey(keysIn(system.world.folder).client);
  checkout = system.otherCheckout({ "host.deployKeys": [`${key} ci@rehearsal`] });
  await up(first);
}, 600_000);

afterAll(async () => {
  await system.deploy();
});

interface Said {
  readonly code: number;
  readonly output: string;
}

function start(line: readonly string[], environment: Record<string, string | undefined>) {
  const [program = "", ...words] = line;
  const child = spawn(program, words, { cwd: repositoryRoot, env: { ...process.env, ...environment } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const ended = new Promise<Said>((resolve) =>
    child.once("close", (code) => {
      resolve({ code: code ?? -1, output });
    }),
  );
  return { child, ended };
}

const agent = () => ({ SSH_AUTH_SOCK: system.world.agentSocket });
const configFile = () => checkout.environment?.["PULUMI_OPTION_CONFIG_FILE"] ?? "";
const startOps = (...words: string[]) =>
  start([process.execPath, "dist/ops.cjs", ...words, "--config-file", configFile()], {
    ...agent(),
    PATH: "/nowhere",
  });
const deploy = (tag: string): Promise<Said> => startOps("deploy", tag).ended;

const sshOptions = () => [
  ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"],
  ...["-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"],
];
const { port, address } = { port: () => String(system.world.vps.sshPort), address: () => system.world.vps.address };
/** A hostile client with the deploy key. */
const hostile = (options: readonly string[], ...words: string[]): Promise<Said> =>
  start(["ssh", ...sshOptions(), "-p", port(), ...options, `${user}@${address()}`, ...words], agent()).ended;

const serving = async (): Promise<string> => String((await system.health()).body["version"]);
const running = () => system.onVps("docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'");
const records = async () => JSON.parse((await startOps("history", "--json").ended).output) as Record<string, unknown>[];

async function expectOneRelease(tag: string): Promise<void> {
  expect(await serving()).toBe(tag);
  expect(await running()).toBe(tag);
  expect(await system.onVps("ls /var/lib/memoryloop")).not.toContain("unconfirmed");
}

describe("ops deploy", () => {
  test("deploys without engine or passphrase, shows each step, and loses no request", async () => {
    const before = await system.onVps("docker inspect $(docker ps -q --filter label=app=memoryloop)");
    const started = Date.now();
    const load = await system.underLoad({ clients: 20, pauseMs: 40 }, async () => {
      const { code, output } = await deploy(second);
      console.log(`ops deploy took ${Date.now() - started} ms:\n${output}`);
      expect(code, output).toBe(0);
      expect(output).toMatch(/gate: 2 of 2 healthy, \d+\.\d s/);
      expect(output).toContain(`the site runs ${second}`);
    });
    expect(load.lost).toEqual([]);
    await expectOneRelease(second);
    const after = await system.onVps("docker inspect $(docker ps -q --filter label=app=memoryloop)");
    expect(settingsOf(after)).toEqual(settingsOf(before));
    expect((await records()).at(-1)).toMatchObject({
      imageTag: second,
      status: "success",
      by: "deploy key ci@rehearsal",
    });
  });

  test("of the tag that serves changes nothing", async () => {
    expect(await deploy(second)).toMatchObject({ code: 0 });
    await expectOneRelease(second);
  });

  test("of an unhealthy image keeps what serves and says why", async () => {
    const { code, output } = await deploy(unhealthy);
    expect(code).toBe(1);
    expect(output).toContain("answered 500, not 200");
    expect(output).toContain(`the site still runs ${second}`);
    await expectOneRelease(second);
  });

  test("of a tag that the registry does not have says so", async () => {
    const { code, output } = await deploy("0000000");
    expect(code).toBe(1);
    expect(output).toMatch(/look up image .*:0000000/);
    await expectOneRelease(second);
  });

  test("whose client is killed ends by itself", async () => {
    const { child, ended } = startOps("deploy", third);
    await expect
      .poll(() => system.onVps("docker ps -q --filter label=app=memoryloop | wc -l"), { timeout: 20_000 })
      .toBe("2");
    child.kill("SIGKILL");
    await ended;
    await expect.poll(serving, { timeout: 60_000 }).toBe(third);
    await expect.poll(running, { timeout: 60_000 }).toBe(third);
    await expectOneRelease(third);
  });
});

/** Everything of a container that does not belong to one release. */
function settingsOf(inspected: string): unknown {
  const [found] = JSON.parse(inspected) as { Config: Record<string, unknown>; HostConfig: Record<string, unknown> }[];
  const changing = ["Hostname", "Image", "Labels"];
  const config = Object.entries(found?.Config ?? {}).filter(([key]) => !changing.includes(key));
  return { config, host: { ...found?.HostConfig, NetworkMode: "" } };
}

describe("a hostile client with the deploy key", () => {
  const refusals: readonly [string, string[], string][] = [
    ["a shell", [], "a shell"],
    ["another command", ["id"], "another command"],
    ["a second command", ["status; id"], "another command"],
    ["a tag with shell characters", ["deploy 'x$(id)'"], "no tag"],
    ["a line break", ["deploy a0000ad\nid"], "no tag"],
    ["another repository", ["deploy evil.example.com/app:latest"], "another repository"],
    ["a digest", [`deploy sha256:${"1".repeat(64)}`], "a digest"],
  ];
  test.each(refusals)("%s is refused by name and logged", async (_, words, reason) => {
    const { code, output } = await hostile([], ...words);
    expect({ code, output }).toMatchObject({
      code: 2,
      output: expect.stringContaining(`refused: ${reason}`) as string,
    });
    expect(await system.onVps("journalctl --quiet --identifier memoryloop-deploy --lines 1 --output cat")).toContain(
      `deploy key ci@rehearsal: refused ${reason}`,
    );
  });

  test("scp and sftp are refused", async () => {
    const target = `${user}@${address()}:/tmp/x`;
    for (const mode of [[], ["-O"]]) {
      const line = ["scp", ...mode, ...sshOptions(), "-P", port(), "/etc/hostname", target];
      expect((await start(line, agent()).ended).code).not.toBe(0);
    }
    expect(await system.onVps("ls /tmp")).not.toMatch(/^x$/m);
    expect(await system.onVps("journalctl --quiet --identifier memoryloop-deploy --lines 2 --output cat")).toMatch(
      /refused a file transfer.*\n.*refused a file transfer/,
    );
  });

  test("a terminal, port forwarding and agent forwarding are refused and logged", async () => {
    const since = await system.onVps("date '+%F %T.%6N'");
    const log = () => system.onVps(`journalctl --quiet --identifier sshd --since '${since}' --output cat`);
    expect((await hostile(["-tt"], "status")).output).toContain("PTY allocation request failed");
    expect(await log()).toContain("Allocating a pty not permitted");
    expect((await hostile(["-N", "-R", "18080:127.0.0.1:22"])).code).toBe(255);
    expect(await log()).toContain("tcpip-forward listen localhost port 18080");
    const local = await hostile(["-W", "127.0.0.1:22"]);
    expect(local.output).toMatch(/administratively prohibited|forwarding failed/);
    expect(await log()).toContain("refused local port forward");
    await hostile(["-A"], "status");
    expect(await system.onVps("ls -d /tmp/ssh-* 2>/dev/null | wc -l")).toBe("0");
    expect(await log()).toContain("agent forwarding disabled");
  });

  test("an image that served before is refused", async () => {
    const { code, output } = await deploy(first);
    expect(code).toBe(1);
    expect(output).toContain("served before and was replaced");
    expect(await system.onVps("journalctl --quiet --identifier memoryloop-deploy --lines 1 --output cat")).toMatch(
      new RegExp(`deploy key ci@rehearsal: deploy ${first} failed: .*served before and was replaced`),
    );
    await expectOneRelease(third);
  });

  test("status and rollback are accepted; the tag that was rolled back is refused", async () => {
    expect((await hostile([], "status")).output).toContain(`active: ${third}`);
    const { code, output } = await hostile([], "rollback");
    expect(code, output).toBe(0);
    await expectOneRelease(second);
    expect((await deploy(third)).output).toContain("it was rolled back by deploy key ci@rehearsal");
  });
});

describe("the next up", () => {
  test("adopts what serves: outputs follow the records, no request is lost, and then nothing differs", async () => {
    await sleep(100);
    const load = await system.underLoad({ clients: 10, pauseMs: 50 }, () => up());
    expect(load.lost).toEqual([]);
    expect(await system.outputs()).toMatchObject({ imageTag: second, previousImageTag: third });
    await expectOneRelease(second);
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"], checkout);
    expect(code, output).toBe(0);
  });
});
