import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { runPulumi } from "../../rehearsal/pulumi";
import { docker } from "../../rehearsal/world/docker";
import { losePeer, powerOffPeer, removeWorld, startPeer } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

const rollouts = 4;
const [first, second, bad] = ["a0000c1", "b0000c2", "bad00c3"] as const;

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.openCluster();
  await Promise.all([system.release(first), system.release(second)]);
  await system.release(bad, "health-500");
  await system.deploy(first);
});
afterAll(() => removeWorld({ checkout: repositoryRoot, suffix: "cluster" }, () => undefined));

const peers = () => system.world.cluster?.peers ?? [];
const third = () => peers().at(-1) ?? { container: "", address: "", name: "" };
const containers = (): string[] => [system.world.vps.container, ...peers().map(({ container }) => container)];
const addresses = (): string[] => [
  system.world.cluster?.privateAddress ?? "",
  ...peers().map(({ address }) => address),
];

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

function expectNothingLost(loads: readonly LoadReport[]): void {
  for (const load of loads) {
    expect(load.lost).toEqual([]);
    expect(Object.keys(load.statuses)).toEqual(["200"]);
  }
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
  test("lose no request of 60 keep-alive clients at three servers, half of them POST", async () => {
    const loads = await underLoad([system.target, ...system.peerTargets], async () => {
      for (let count = 0; count < rollouts; count++) await system.deploy(count % 2 === 0 ? second : first);
    });
    const sent = loads.reduce((sum, load) => sum + load.sent, 0);
    const lost = loads.reduce((sum, load) => sum + load.lost.length, 0);
    console.log(`${rollouts} rollouts over three servers: ${sent} requests sent, ${lost} lost`);
    expectNothingLost(loads);
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
    const [loads] = await Promise.all([
      underLoad([system.target, ...system.peerTargets], async () => {
        const { code, output } = await system.up(bad);
        expect(code).not.toBe(0);
        expect(output).toMatch(/gate of release \w+ \/api\/health: on (host|second|third): answered 500, not 200/);
      }),
    ]);
    expectNothingLost(loads);
    expect(await versions()).toEqual([first, first, first]);
    expect(await onEach(runningTasks)).toEqual([first, first, first]);
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
  test("loses no request at the others, and the server serves again when it is back", async () => {
    const [peer] = peers().slice(-1);
    if (peer === undefined) throw new Error("the world has no further server");
    const others = [system.target, ...system.peerTargets.slice(0, -1)];
    expectNothingLost(
      await underLoad(others, async () => {
        await powerOffPeer(peer);
        await sleep(10_000);
        await startPeer(system.world, peer);
      }),
    );
    await eventually(async () => (await on(peer.container, runningTasks)) === second, 120);
    expect(await versions()).toEqual([second, second, second]);
    await system.deploy(first);
    expect(await versions()).toEqual([first, first, first]);
  });
});

describe("a lost server", () => {
  test("is replaced by a new one at its address, under load at the others", async () => {
    const [peer] = peers().slice(-1);
    if (peer === undefined) throw new Error("the world has no further server");
    expectNothingLost(
      await underLoad([system.target, ...system.peerTargets.slice(0, -1)], async () => {
        await losePeer(system.world, peer);
        system = await DeployedWorld.openCluster();
        await system.deploy();
      }),
    );
    expect(await versions()).toEqual([first, first, first]);
    const nodes = await on(
      system.world.vps.container,
      "docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' | sort",
    );
    expect(nodes.replace("Leader", "Reachable").split("\n")).toHaveLength(3);
    expect(nodes).not.toContain("Down");
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
