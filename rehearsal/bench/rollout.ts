import { stackFile } from "../pulumi";
import { keysIn, publicKey } from "../world/keys";
import { run } from "../world/run";
import { removeWorld } from "../world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../driver/deployed-world";
import { TcpProxy } from "../driver/tcp-proxy";
import { configure } from "./bench-stack";
import { byHand } from "./by-hand";
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
  readonly runs: number;
}

const lines: readonly Line[] = [
  {
    name: "loopback",
    host: "127.0.0.1",
    runs: 7,
  },
  {
    name: `${roundTripMs} ms round trip`,
    host: farHost,
    runs: 7,
  },
];

const up = (tag: string): string[] => ["up", "--yes", "--skip-preview", "--config", `imageTag=${tag}`];

const deploys = async (system: DeployedWorld, times: number): Promise<ObservedRun[]> =>
  repeated(times, async () => {
    const tag = await nextRelease(system);
    return observedRun(system, up(tag), tag);
  });

/** Rolls back and forward between the two kept releases. */
const rollbacks = async (system: DeployedWorld, times: number): Promise<ObservedRun[]> =>
  repeated(times, async () => {
    const { previousImageTag } = await system.outputs();
    return observedRun(system, up(String(previousImageTag)), String(previousImageTag));
  });

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

/** Deploys over the server's deploy key. */
const serverDeploys = async (system: DeployedWorld, times: number): Promise<ObservedRun[]> =>
  repeated(times, async () => {
    const tag = await nextRelease(system);
    return opsRun(system, ["deploy", tag], tag);
  });

/** Rolls back to the release that served before this deployment. */
const quickRollbacks = async (system: DeployedWorld, times: number): Promise<ObservedRun[]> =>
  repeated(times, async () => {
    const { body } = await system.health();
    const tag = await nextRelease(system);
    await opsRun(system, ["deploy", tag], tag);
    return opsRun(system, ["rollback", "--now"], String(body["version"]));
  });

const wall = (runs: readonly ObservedRun[]): number => median(runs.map(({ wallMs }) => wallMs));
const first = (runs: readonly ObservedRun[]): number => median(runs.map(({ firstMs }) => firstMs ?? NaN));

async function rolloutRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  const hand = median(await byHand(system, line.host, line.runs));
  const deployments = await deploys(system, line.runs);
  const back = await rollbacks(system, line.runs);
  const direct = await serverDeploys(system, line.runs);
  const quick = await quickRollbacks(system, line.runs);
  // The stack's outputs follow the server.
  await system.deploy();
  const row = (what: string, ms: number): Row => ({
    name: `${what}, ${line.name}`,
    ours: seconds(ms),
    theirs: seconds(hand),
    ratio: ratio(ms, hand),
    note: "theirs: docker pull, run, poll, stop over one ssh connection, without checks",
  });
  return [
    row("deploy", wall(deployments)),
    row("deploy, first answer", first(deployments)),
    row("rollback", wall(back)),
    row("ops deploy", wall(direct)),
    row("ops deploy, first answer", first(direct)),
    row("ops rollback --now", wall(quick)),
    row("ops rollback --now, first answer", first(quick)),
    ...(line.host === farHost ? [] : visitorRows([...deployments, ...back, ...direct, ...quick])),
  ];
}

const alone = (name: string, ours: string, note = ""): Row => ({ name, ours, theirs: "", ratio: "", note });

function visitorRows(runs: readonly ObservedRun[]): Row[] {
  const gaps = runs.map(({ gapMs }) => gapMs ?? NaN);
  const lost = runs.reduce((sum, one) => sum + one.lost, 0);
  const memory = Math.max(...runs.map(({ pluginMemory }) => pluginMemory));
  return [
    alone(
      "cutover gap",
      `${median(gaps)} ms`,
      `a visitor every 20 ms; ${lost} requests lost in ${runs.length} cutovers`,
    ),
    alone("peak memory of the plugin", `${memory.toFixed(0)} MiB`),
  ];
}

async function quietRows(system: DeployedWorld, line: Line): Promise<Row[]> {
  const commands = [["up", "--yes", "--skip-preview"], ["preview"], ["preview", "--refresh"]];
  const rows: Row[] = [];
  for (const words of commands) {
    const runs = await repeated(line.runs, () => observedRun(system, words));
    rows.push(alone(`${words.join(" ")}, no change, ${line.name}`, seconds(wall(runs))));
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

/** The complete stack of the rehearsal, with backups and the GitHub side. */
async function wholeStackRow(): Promise<Row> {
  const system = await DeployedWorld.open(world.suffix);
  configure(system.world, { "rollout.soakSeconds": 0 });
  await system.deploy(await nextRelease(system));
  const runs = await deploys(system, 3);
  return alone("deploy with backups and the GitHub side, loopback", seconds(wall(runs)), "52 resources, seven plugins");
}

/**
 * The time of a rollout without the start time of a slow app. It uses the quick sample app with its image on the server,
 * soak 0, and the engine and stand-in plugins of the rehearsal. It creates a separate world and removes it afterwards.
 */
export async function benchRollout(): Promise<readonly Row[]> {
  await removeWorld(world, quiet);
  const system = await DeployedWorld.open(world.suffix);
  try {
    const deployKeys = [`${publicKey(keysIn(system.world.folder).client)} bench`];
    configure(system.world, {
      "rollout.soakSeconds": 0,
      backups: undefined,
      pipeline: undefined,
      "host.deployKeys": deployKeys,
    });
    await system.deploy(await nextRelease(system));
    const rows: Row[] = [];
    for (const line of lines) rows.push(...(await (line.host === farHost ? farRows : lineRows)(system, line)));
    return [...rows, await wholeStackRow()];
  } finally {
    await removeWorld(world, quiet);
  }
}
