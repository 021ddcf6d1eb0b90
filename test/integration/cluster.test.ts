import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { runPulumi, stackFile } from "../../rehearsal/pulumi";
import { docker } from "../../rehearsal/world/docker";
import { run } from "../../rehearsal/world/run";
import { losePeer, powerOffPeer, powerOffVps, removeWorld, startPeer, startVps } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

const rollouts = 20;
const [first, second, bad] = ["a0000c1", "b0000c2", "bad00c3"] as const;
type Tag = typeof first | typeof second;
/** Reason of the rollback, in the records of all servers. */
const why = `checkout is broken (${Date.now()})`;
const otherThan = (tag: string): Tag => (tag === first ? second : first);

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.openCluster();
  await Promise.all([system.release(first), system.release(second)]);
  await system.release(bad, "health-500");
  await system.deploy(first);
});
afterAll(() => removeWorld({ checkout: repositoryRoot, suffix: "cluster" }, () => undefined));

const peers = () => system.world.cluster?.peers ?? [];
function third() {
  const peer = peers().at(-1);
  if (peer === undefined) throw new Error("the world has no further server");
  return peer;
}
const containers = (): string[] => [system.world.vps.container, ...peers().map(({ container }) => container)];
const addresses = (): string[] => [
  system.world.cluster?.privateAddress ?? "",
  ...peers().map(({ address }) => address),
];

/** Standard output of a command of the operator's CLI, without an engine, whatever its exit code is. */
const ops = (...words: string[]): Promise<string> =>
  run(
    [
      "/bin/sh",
      "-c",
      '"$@" || true',
      "-",
      process.execPath,
      "dist/ops.cjs",
      ...words,
      "--config-file",
      stackFile(system.world),
    ],
    {
      cwd: repositoryRoot,
      environment: { PATH: "/nowhere", SSH_AUTH_SOCK: system.world.agentSocket },
      seconds: 180,
    },
  );

/** Runs a command line on a server of the cluster. */
const on = (container: string, command: string): Promise<string> => docker(["exec", container, "sh", "-c", command]);
const onEach = (command: string): Promise<string[]> => Promise.all(containers().map((one) => on(one, command)));

/** Status and version of the health endpoint, asked at nginx on the server itself. */
const healthOn = (container: string, options = ""): Promise<string> =>
  on(
    container,
    `curl --silent --insecure --max-time 10 --resolve ${system.world.domain}:443:127.0.0.1 ${options} https://${system.world.domain}/api/health | jq -r .version`,
  );
const versions = (): Promise<string[]> => Promise.all(containers().map((one) => healthOn(one)));
const runningTasks = "docker ps --filter label=app=memoryloop --format '{{.Label \"image-tag\"}}'";

/** Twenty clients at each server; half of their requests are POST. */
const underLoad = (targets: Parameters<DeployedWorld["underLoads"]>[0], work: () => Promise<unknown>) =>
  system.underLoads(targets, { clients: 20, pauseMs: 60 }, work);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Says what was sent and lost, for docs/scaling.md. An answer with another status than 200 is lost, too. */
function tell(what: string, loads: readonly LoadReport[]): void {
  const sent = sum(loads.map((load) => load.sent));
  const lost = sum(loads.map(({ sent: own, statuses }) => own - (statuses[200] ?? 0)));
  console.log(`${what}: ${sent} requests sent, ${lost} lost`);
}

function expectNothingLost(what: string, loads: readonly LoadReport[]): void {
  tell(what, loads);
  for (const load of loads) {
    expect(load.lost).toEqual([]);
    expect(Object.keys(load.statuses)).toEqual(["200"]);
  }
}

/** The tag that serves on every server; it also has a running task there. */
async function expectEverywhere(tag: string): Promise<void> {
  expect(await versions()).toEqual(containers().map(() => tag));
  await eventually(async () => (await onEach(runningTasks)).every((text) => text === tag), 60);
}

async function eventually(check: () => Promise<boolean>, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await check().catch(() => false))) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s`);
    await sleep(500);
  }
}

describe("three servers", () => {
  test("each answer with a task and a certificate of their own", async () => {
    expect(await versions()).toEqual([first, first, first]);
    expect(await onEach(runningTasks)).toEqual([first, first, first]);
    const certificate = `openssl x509 -noout -fingerprint -in /etc/letsencrypt/live/${system.world.domain}/cert.pem`;
    expect(new Set(await onEach(certificate)).size).toBe(3);
  });

  test("show no change at an update and at a refresh", async () => {
    const again = await system.up(undefined, { extraWords: ["--expect-no-changes", "--diff"] });
    expect(again.code, again.output).toBe(0);
    const refreshed = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    expect(refreshed.code, refreshed.output).toBe(0);
  });

  test("have joined with a token that no state has", async () => {
    const state = await runPulumi(system.pulumi, ["stack", "export", "--show-secrets"]);
    expect(state).toContain("vps:index:SwarmNode");
    expect(state).not.toContain("SWMTKN");
  });

  test("open the ports 22, 80 and 443 to others, and no more", async () => {
    for (const address of addresses()) expect(await openPorts(address)).toEqual([22, 80, 443]);
  });
});

describe("rollouts", () => {
  const all = () => [system.target, ...system.peerTargets];

  test("lose no request of 60 keep-alive clients at three servers, half of them POST", async () => {
    const loads = await underLoad(all(), async () => {
      for (let count = 0; count < rollouts; count++) await system.deploy(count % 2 === 0 ? second : first);
    });
    expectNothingLost(`${rollouts} rollouts over three servers`, loads);
    expect(sum(loads.map(({ sent }) => sent))).toBeGreaterThanOrEqual(100_000);
    for (const load of loads) expect(Object.keys(load.byRelease).toSorted()).toEqual([first, second]);
  });

  test("leave two services, of which the previous one rests", async () => {
    const services = await on(
      system.world.vps.container,
      "docker service ls --format '{{.Replicas}}' | cut -d' ' -f1 | sort",
    );
    expect(services).toBe("0/0\n3/3");
    expect(await onEach(runningTasks)).toEqual([first, first, first]);
  });

  test("of an unhealthy release change nothing on any server", async () => {
    const loads = await underLoad(all(), async () => {
      const { code, output } = await system.up(bad);
      expect(code).not.toBe(0);
      expect(output).toMatch(/gate of release \w+ \/api\/health: on (host|second|third): answered 500, not 200/);
    });
    expectNothingLost("an unhealthy release", loads);
    await expectEverywhere(first);
  });

  test("of another environment give every task its variables", async () => {
    const loads = await underLoad(all(), async () => {
      await system.deploy(undefined, system.otherCheckout({ "variables.LOG_LEVEL": "debug" }));
    });
    expectNothingLost("another environment", loads);
    const read = "docker exec $(docker ps --quiet --filter label=app=memoryloop) grep LOG_LEVEL /app/.env.production";
    for (const text of await onEach(read)) expect(text).toContain("debug");
    await system.deploy(second);
  });

  test("`ops rollback --now` works on all servers without the engine", async () => {
    const loads = await underLoad(all(), async () => {
      expect(await ops("rollback", "--now", "--reason", why)).toContain(`the site runs ${first} again`);
    });
    expectNothingLost("ops rollback --now", loads);
    await expectEverywhere(first);
    await system.deploy();
    await expectEverywhere(first);
    await system.deploy(second);
  });

  test("the commands of the operator show all servers", async () => {
    const names = ["host", "second", "third"];
    const { servers } = JSON.parse(await ops("status", "--json")) as { servers: object };
    expect(Object.keys(servers)).toEqual(names);
    for (const report of Object.values(servers)) expect(report).toMatchObject({ imageTag: second });
    const lines = await ops("logs", "--lines", "2000");
    for (const name of names) expect(lines).toMatch(new RegExp(`^\\S+ ${name} `, "m"));
    expect((await ops("history")).split("\n").filter((line) => line.includes(why))).toHaveLength(1);
    const checks = await ops("doctor");
    for (const name of names) expect(checks).toContain(`${name}: `);
  });
});

describe("an interrupted `up`", () => {
  test("that left a service and a secret, which no state knows, converges", async () => {
    const held = await system.upPausedAt("gate", first);
    process.kill(held.engine, "SIGKILL");
    process.kill(held.plugin, "SIGKILL");
    await held.ended;
    await system.pulumiRun(["cancel", "--yes"]);
    await system.forget("docker:index/service:Service");
    await system.forget("docker:index/secret:Secret");
    await system.deploy(first);
    await expectEverywhere(first);
    await system.deploy(second);
  });
});

describe("a server without a task", () => {
  test("passes requests on to the others, shows as drift, and gets its task again", async () => {
    const { vps } = system.world;
    await system.deploy(second);
    await on(vps.container, "docker node update --availability drain third");
    await eventually(async () => (await on(third().container, runningTasks)) === "", 60);
    expect(await healthOn(third().container)).toBe(second);
    const preview = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"]);
    expect(preview.code).not.toBe(0);
    await system.deploy(undefined, { extraWords: ["--refresh"] });
    await eventually(async () => (await on(third().container, runningTasks)) === second, 60);
  });
});

describe("a power cut of one server", () => {
  const others = () => [system.target, ...system.peerTargets.slice(0, -1)];

  test("loses no request at the others, and the server serves again when it is back", async () => {
    const loads = await underLoad(others(), async () => {
      await powerOffPeer(third());
      await sleep(10_000);
      await startPeer(system.world, third());
    });
    expectNothingLost("a power cut of one server", loads);
    await eventually(async () => (await on(third().container, runningTasks)) === second, 120);
    await expectEverywhere(second);
  });

  test("does not stop an update of the others, and the next one makes it equal", async () => {
    const loads = await underLoad(others(), async () => {
      await powerOffPeer(third());
      const output = await system.deploy(first);
      expect(output).toMatch(/these do not answer: third \(\w+\)\. This update goes on without them/);
    });
    expectNothingLost("an update without one server", loads);
    await startPeer(system.world, third());
    // Its link still leads to the former release, which has no task: its nginx passes everything on.
    await eventually(async () => (await healthOn(third().container)) === first, 60);
    const back = await underLoad([...others(), ...system.peerTargets.slice(-1)], () => system.deploy());
    expectNothingLost("the update when it is back", back);
    await expectEverywhere(first);
  });

  test.each(["start", "gate", "switch", "confirm", "retire"] as const)(
    "at the step %s loses no request at the others, and the next update converges",
    async (step) => {
      const desired = otherThan((await versions())[0] ?? "");
      const loads = await underLoad(others(), async () => {
        const held = await system.upPausedAt(step, desired);
        await powerOffPeer(third());
        await held.release();
        await held.ended;
      });
      expectNothingLost(`a power cut of one server at ${step}`, loads);
      await startPeer(system.world, third());
      await system.pulumiRun(["cancel", "--yes"]);
      await system.deploy(desired);
      await expectEverywhere(desired);
    },
  );

  test.each(["gate", "confirm"] as const)(
    "of the server of `host`, the leader, at the step %s loses no request at the others",
    async (step) => {
      const desired = otherThan((await versions())[1] ?? "");
      const loads = await underLoad(system.peerTargets, async () => {
        const held = await system.upPausedAt(step, desired);
        await powerOffVps(system.world);
        await held.release();
        await held.ended;
      });
      expectNothingLost(`a power cut of the leader at ${step}`, loads);
      await startVps(system.world);
      await system.pulumiRun(["cancel", "--yes"]);
      await system.deploy(desired);
      await expectEverywhere(desired);
    },
  );
});

describe("from three servers to one and back", () => {
  const workers = { "cluster.nodes.0.role": "worker", "cluster.nodes.1.role": "worker" };

  test("most of the managers cannot leave at once", async () => {
    const { code, output } = await system.up(undefined, system.otherCheckout({ "cluster.nodes": [] }));
    expect(code).not.toBe(0);
    expect(output).toContain("1 of 3 managers would be left");
  });

  test("loses no request at the server that stays", async () => {
    const alone = await underLoad([system.target], async () => {
      await system.deploy(undefined, system.otherCheckout(workers));
      await system.deploy(second, system.otherCheckout({ "cluster.nodes": [] }));
    });
    expectNothingLost("from three servers to one", alone);
    expect(await on(system.world.vps.container, "docker node ls --format '{{.Status}}'")).toBe("Ready");
    expect(await healthOn(system.world.vps.container)).toBe(second);
    const three = await underLoad([system.target], () => system.deploy(first));
    expectNothingLost("from one server to three", three);
    await expectEverywhere(first);
  });

  test("is refused without the section `cluster`, because it would be an outage", async () => {
    const { code, output } = await system.up(undefined, system.otherCheckout({ cluster: undefined }));
    expect(code).not.toBe(0);
    expect(output).toContain("keep the section with `nodes: []`");
  });
});

describe("a lost server", () => {
  test("is replaced by a new one at its address, under load at the others", async () => {
    const loads = await underLoad([system.target, ...system.peerTargets.slice(0, -1)], async () => {
      await losePeer(system.world, third());
      system = await DeployedWorld.openCluster();
      await system.deploy();
    });
    expectNothingLost("a lost server replaced", loads);
    await expectEverywhere(first);
    const nodes = await on(
      system.world.vps.container,
      "docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' | sort",
    );
    expect(nodes.split("\n")).toHaveLength(3);
    expect(nodes).not.toContain("Down");
  });
});

describe("`docker service update`, beside it", () => {
  test("of the same tasks, behind the same nginx", async () => {
    const service = await on(
      system.world.vps.container,
      "docker service ls --format '{{.Replicas}} {{.Name}}' | sed -n 's|^3/3.* ||p'",
    );
    const loads = await underLoad([system.target, ...system.peerTargets], async () => {
      for (const count of [1, 2])
        expect(
          await on(system.world.vps.container, `docker service update --force --quiet ${service} && echo ${count}`),
        ).toContain(`${count}`);
    });
    tell("2 runs of docker service update", loads);
    for (const load of loads) expect(load.sent).toBeGreaterThan(1000);
  });
});

describe("destroy", () => {
  test("ends the app on every server, and the Swarm", async () => {
    const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview"]);
    expect(code, output).toBe(0);
    expect(await onEach("docker info --format '{{.Swarm.LocalNodeState}}'")).toEqual([
      "inactive",
      "inactive",
      "inactive",
    ]);
    const left = "docker ps --all --quiet; docker volume ls --quiet; ls /etc/nginx/conf.d /etc/nftables.d 2>/dev/null";
    for (const text of await onEach(left)) expect(text.replaceAll("\n", " ").trim()).toBe("/etc/nginx/conf.d:");
  });
});

const answerMs = 3000;
const atOnce = 4000;

/** Whether a port of an address accepts a connection from this machine, which is no peer. */
const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new Socket();
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(answerMs, () => {
      end(false);
    });
    socket.once("error", () => {
      end(false);
    });
    socket.connect({ host, port }, () => {
      end(true);
    });
  });

async function openPorts(host: string): Promise<number[]> {
  const open: number[] = [];
  for (let from = 1; from <= 65_535; from += atOnce) {
    const ports = Array.from({ length: Math.min(atOnce, 65_536 - from) }, (_, index) => from + index);
    const found = await Promise.all(ports.map((port) => accepts(host, port)));
    open.push(...ports.filter((_, index) => found[index]));
  }
  return open;
}
