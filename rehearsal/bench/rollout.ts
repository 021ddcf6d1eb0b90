import { stackFile } from "../pulumi";
import { keysIn, publicKey } from "../world/keys";
import { run } from "../world/run";
import { removeWorld } from "../world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../driver/deployed-world";
import { TcpProxy } from "../driver/tcp-proxy";
import { configure } from "./bench-stack";
import { ByHand } from "./by-hand";
import { nextRelease } from "./next-release";
import { observed, observedRun, type ObservedRun } from "./observed-run";
import type { Row } from "./row";
import { median, ratio, repeated, seconds } from "./statistics";

const world = { checkout: repositoryRoot, suffix: "bench" };
const quiet = () => undefined;
/** The address of loopback that the slow connection uses. */
const farHost = "127.0.0.2";
const roundTripMs = 100;

/** A connection to the server, by its ssh address. */
interface Line {
  readonly name: string;
  readonly host: string;
}

const loopback: Line = { name: "loopback", host: "127.0.0.1" };
const far: Line = { name: `${roundTripMs} ms round trip`, host: farHost };

/** Number of runs of each figure. */
const runs = Number(process.env["RUNS"] ?? 7);

const up = (tag: string): string[] => ["up", "--yes", "--skip-preview", "--config", `imageTag=${tag}`];

/** Runs one of our own commands, without the engine. */
const opsRun = (system: DeployedWorld, words: readonly string[], tag: string): Promise<ObservedRun> =>
  observed(
    system,
    () =>
      run([process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)], {
        cwd: repositoryRoot,
        environment: { SSH_AUTH_SOCK: system.world.agentSocket },
        seconds: 120,
      }),
    tag,
  );

/** Deploys a new release with the engine. */
async function deploy(system: DeployedWorld): Promise<ObservedRun> {
  const tag = await nextRelease(system);
  return observedRun(system, up(tag), tag);
}

/** Rolls back with the engine. The target may be a release that `ops rollback --now` rolled back in an earlier run. */
async function rollback(system: DeployedWorld): Promise<ObservedRun> {
  const { previousImageTag } = await system.outputs();
  const tag = String(previousImageTag);
  return observedRun(system, [...up(tag), "--config", `force=${tag}`], tag);
}

/** Deploys over the server's deploy key. */
async function directDeploy(system: DeployedWorld): Promise<ObservedRun> {
  const tag = await nextRelease(system);
  return opsRun(system, ["deploy", tag], tag);
}

/** Rolls back at once, to the release that served before this deployment. */
async function directRollback(system: DeployedWorld): Promise<ObservedRun> {
  const { body } = await system.health();
  await directDeploy(system);
  return opsRun(system, ["rollback", "--now"], String(body["version"]));
}

const wall = (observed: readonly ObservedRun[]): number => median(observed.map(({ wallMs }) => wallMs));
const first = (observed: readonly ObservedRun[]): number => median(observed.map(({ firstMs }) => firstMs ?? NaN));

const measuredRuns = {
  deploy,
  rollback,
  "ops deploy": directDeploy,
  "ops rollback --now": directRollback,
} as const;

async function rolloutRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  const hand = await ByHand.open(system, line.host);
  const handMs: number[] = [];
  const measured = Object.entries(measuredRuns).map(([name, work]) => ({ name, work, runs: [] as ObservedRun[] }));
  // One run of each in turn, so that other work of the machine slows all of them down.
  await repeated(runs, async () => {
    handMs.push(await hand.deploy());
    for (const one of measured) one.runs.push(await one.work(system));
  });
  await hand.close();
  // The stack's outputs follow the server.
  await system.deploy();
  const theirs = median(handMs);
  const row = (what: string, ms: number): Row => ({
    name: `${what}, ${line.name}`,
    ours: seconds(ms),
    theirs: seconds(theirs),
    ratio: ratio(ms, theirs),
    note: "theirs: docker pull, run, poll, stop over one ssh connection, without checks",
  });
  return [
    ...measured.flatMap((one) => [row(one.name, wall(one.runs)), row(`${one.name}, first answer`, first(one.runs))]),
    ...(line.host === farHost ? [] : visitorRows(measured.flatMap((one) => one.runs))),
  ];
}

const alone = (name: string, ours: string, note = ""): Row => ({ name, ours, theirs: "", ratio: "", note });

function visitorRows(observed: readonly ObservedRun[]): Row[] {
  const gaps = observed.map(({ gapMs }) => gapMs ?? NaN);
  const lost = observed.reduce((sum, one) => sum + one.lost, 0);
  const memory = Math.max(...observed.map(({ pluginMemory }) => pluginMemory));
  return [
    alone(
      "cutover gap",
      `${median(gaps)} ms`,
      `a visitor every 20 ms; ${lost} requests lost in ${observed.length} cutovers`,
    ),
    alone("peak memory of the plugin", `${memory.toFixed(0)} MiB`),
  ];
}

async function quietRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  const commands = [["up", "--yes", "--skip-preview"], ["preview"], ["preview", "--refresh"]];
  const rows: Row[] = [];
  for (const words of commands) {
    const observed = await repeated(runs, () => observedRun(system, words));
    rows.push(alone(`${words.join(" ")}, no change, ${line.name}`, seconds(wall(observed))));
  }
  return rows;
}

async function lineRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  configure(system.world, { "host.host": line.host });
  // The first run writes the new address into every resource.
  await system.deploy(await nextRelease(system));
  return [...(await rolloutRows(system, line)), ...(await quietRows(system, line))];
}

async function connectionRows(system: DeployedWorld, proxy: TcpProxy): Promise<Row[]> {
  const count = async (words: readonly string[]): Promise<string> => {
    const before = proxy.connections;
    await observedRun(system, words);
    return String(proxy.connections - before);
  };
  const note = "ours opens at most one; the others are Docker's own, one for each of its connections";
  return [
    alone("ssh connections, preview, no change", await count(["preview"])),
    alone("ssh connections, up, no change", await count(["up", "--yes", "--skip-preview"])),
    alone("ssh connections, deploy", await count(up(await nextRelease(system))), note),
  ];
}

async function farRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  const { sshPort: port } = system.world.vps;
  const proxy = await TcpProxy.open({ port, roundTripMs, listen: { host: farHost, port } });
  try {
    return [...(await lineRows(system, line)), ...(await connectionRows(system, proxy))];
  } finally {
    proxy.close();
  }
}

/**
 * Runs the work in a separate world, and removes it afterwards. The world has the quick sample app with its image on the
 * server, soak 0, and the engine and stand-in plugins of the rehearsal.
 */
async function inWorld<T>(work: (system: DeployedWorld) => Promise<T>): Promise<T> {
  await removeWorld(world, quiet);
  const system = await DeployedWorld.open(world.suffix);
  try {
    configure(system.world, { "rollout.soakSeconds": 0 });
    return await work(system);
  } finally {
    await removeWorld(world, quiet);
  }
}

/** As little beside the app as the commands by hand have: no backups, GitHub side and kept files. With a deploy key. */
function onlyApp(system: DeployedWorld): void {
  const deployKeys = [`${publicKey(keysIn(system.world.folder).client)} bench`];
  const without = { backups: undefined, pipeline: undefined, "site.keepAssets": undefined };
  configure(system.world, { ...without, "host.deployKeys": deployKeys });
}

/** Deployments and rollbacks without the start time of a slow app. */
export const benchLoopback = (): Promise<readonly Row[]> =>
  inWorld((system) => {
    onlyApp(system);
    return lineRows(system, loopback);
  });

/** The same over a slow connection. */
export const benchFar = (): Promise<readonly Row[]> =>
  inWorld((system) => {
    onlyApp(system);
    return farRows(system, far);
  });

/** The complete stack of the rehearsal, with backups and the GitHub side. */
export const benchWholeStack = (): Promise<readonly Row[]> =>
  inWorld(async (system) => {
    await system.deploy(await nextRelease(system));
    const observed = await repeated(3, () => deploy(system));
    const time = seconds(wall(observed));
    return [alone("deploy with backups and the GitHub side, loopback", time, "52 resources, seven plugins")];
  });
