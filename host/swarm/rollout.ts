import { HostError } from "../host-error";
import type { Lock, LockingShell, Session } from "../session";
import * as rollout from "../rollout/commands";
import { pendingDeployment } from "../rollout/deployment";
import { parseHostState, type HostState } from "../rollout/host-state";
import { Unhealthy } from "../rollout/gate";
import type { RolloutInputs } from "../rollout/inputs";
import { afterRevert, type Step } from "../rollout/plan";
import { silent, type Report } from "../rollout/progress";
import { servedImages } from "../rollout/records";
import {
  closeInterrupted,
  deploymentRun,
  explain,
  finish,
  perform,
  rolloutLock,
  timed,
  type RolloutOutcome,
  type Run,
} from "../rollout/run";
import { endTasks, pruneServices, startTasks, waitForTask } from "./commands";
import { keptReleases, planPhases, recoverCluster, retiredBy, type ClusterState, type Phase } from "./plan";

/** A server of the cluster. */
export interface ClusterServer {
  readonly name: string;
  readonly shell: LockingShell;
}

/** A server under its lock, as it was found. */
export interface Held {
  readonly name: string;
  readonly session: Session;
  readonly found: HostState;
}

/** A run over all servers. The first one is the manager. */
export interface ClusterRun {
  readonly inputs: RolloutInputs;
  readonly manager: Session;
  readonly runs: ReadonlyMap<string, Run>;
  readonly before: ClusterState;
  readonly report: Report;
}

/**
 * Makes the release active on every server, or leaves everything as it was. No server switches before the gate has passed on
 * all of them, and the previous release ends after all of them have confirmed the new one.
 * @throws HostError with the server, the reason, the last log lines and the next step; the record on each server says the same.
 */
export function runClusterRollout(
  inputs: RolloutInputs,
  servers: readonly ClusterServer[],
  report: Report = silent,
): Promise<RolloutOutcome> {
  const { app, image, release } = inputs;
  const lock = rolloutLock(app, `rollout of ${app} ${image.tag}, release ${release}`);
  return underLocks(app, lock, servers, (held) => rollOutOver(inputs, held, report));
}

/** Holds the lock of every server, always in the same order, so that two runs never wait for each other. */
export async function underLocks<T>(
  app: string,
  lock: Lock,
  [next, ...rest]: readonly ClusterServer[],
  work: (held: readonly Held[]) => Promise<T>,
  held: readonly Held[] = [],
): Promise<T> {
  if (next === undefined) return work(held);
  return next.shell.locked(lock, async (session) => {
    const found = parseHostState(await session.run(rollout.observe(app)));
    return underLocks(app, lock, rest, work, [...held, { name: next.name, session, found }]);
  });
}

async function rollOutOver(inputs: RolloutInputs, held: readonly Held[], report: Report): Promise<RolloutOutcome> {
  const { image, release } = inputs;
  const pending = pendingDeployment({ imageTag: image.tag, digest: image.digest, release }, new Date());
  const runs = new Map(
    held.map(({ name, session, found }) => [name, deploymentRun({ inputs, session, report }, found, pending)]),
  );
  const [first] = held;
  const firstRun = first && runs.get(first.name);
  if (first === undefined || firstRun === undefined) throw new Error("a cluster has at least one server");
  await Promise.all(
    held.map(async ({ name, found, session }) => {
      await closeInterrupted(inputs, found, pending, session);
      await session.run(rollout.record(inputs, runs.get(name)?.deployment ?? pending));
    }),
  );
  const before = Object.fromEntries(held.map(({ name, found }) => [name, afterRevert(found, release)]));
  const found = Object.fromEntries(held.map((one) => [one.name, one.found]));
  await runPhases({ inputs, manager: first.session, runs, before, report }, planPhases(found, release, inputs));
  const { deployment } = firstRun;
  return { deployment, releases: servedImages([...first.found.records, deployment]) };
}

/**
 * Performs one phase after the other. When one fails, the release that served before is the only one that runs, as far as no
 * server has confirmed the new one.
 * @throws HostError with the server, the reason, the last log lines and the next step.
 */
export async function runPhases(cluster: ClusterRun, phases: readonly Phase[]): Promise<void> {
  for (const phase of phases) {
    try {
      await timed(phase.kind, cluster.report, cluster.runs.values(), () => runPhase(cluster, phase));
    } catch (error) {
      throw await recover(cluster, phase.kind, error).catch(() => error);
    }
  }
}

/** The work of the manager for all servers, before they perform a phase. */
async function managerFirst({ inputs, manager }: ClusterRun, phase: Phase): Promise<void> {
  if (phase.kind === "start") await manager.run(startTasks(inputs, inputs.cluster?.length ?? 1));
  if (phase.kind === "retire") for (const release of retiredBy(phase)) await manager.run(endTasks(inputs, release));
}

/** @returns the results of the servers, as one text */
async function runPhase(cluster: ClusterRun, phase: Phase): Promise<string> {
  await managerFirst(cluster, phase);
  const done = await Promise.allSettled(
    Object.entries(phase.steps).map(([name, steps]) => performAll(cluster, name, steps)),
  );
  const failed = done.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  const { inputs, manager, before } = cluster;
  // As on one server: a failed prune costs disk space, not the deployment.
  if (phase.kind === "prune")
    await manager.run(pruneServices(inputs, keptReleases(before, inputs.release))).catch(() => undefined);
  return done.flatMap((one) => (one.status === "fulfilled" ? one.value : [])).join(" | ");
}

/** The public site of a server proves its own release, not that of another server. */
async function performHere(run: Run, step: Step): Promise<unknown> {
  if (step.kind === "prove") await run.session.run(waitForTask(run.inputs));
  return perform(run, step);
}

/** A server's steps of one phase, one after the other. */
async function performAll({ runs }: ClusterRun, name: string, steps: readonly Step[]): Promise<string[]> {
  const run = runs.get(name);
  const results: string[] = [];
  try {
    if (run) for (const step of steps) results.push(`${name}: ${String(await performHere(run, step))}`);
    return results;
  } catch (error) {
    throw new ServerError(name, error instanceof Error ? error : new Error(String(error)));
  }
}

/** An error of one server. */
class ServerError extends Error {
  constructor(
    readonly server: string,
    override readonly cause: Error,
  ) {
    super(`on ${server}: ${cause.message}`);
  }
}

/** The cause with the name of its server. */
function named({ server, cause }: ServerError): Error {
  if (!(cause instanceof HostError)) return new Error(`on ${server}: ${cause.message}`);
  const Kind = cause instanceof Unhealthy ? Unhealthy : HostError;
  return new Kind({ ...cause.failure, cause: `on ${server}: ${cause.failure.cause}` });
}

async function recover(cluster: ClusterRun, failed: Step["kind"], error: unknown): Promise<Error> {
  const { inputs, manager, runs, before } = cluster;
  const { reverts, ends } = recoverCluster(failed, before, inputs.release);
  const failing = error instanceof ServerError ? runs.get(error.server) : undefined;
  const lines = (await failing?.session.run(rollout.logs(inputs)).catch(() => "")) ?? "";
  // A server that does not answer must not stop the others. It reverts by itself, and the next run makes it equal.
  const each = (work: (run: Run) => Promise<unknown>, names: readonly string[]) =>
    Promise.allSettled(names.flatMap((name) => runs.get(name) ?? []).map((run) => work(run)));
  const cause = error instanceof ServerError ? named(error) : error instanceof Error ? error : new Error(String(error));
  await each(({ session }) => session.run(rollout.revert(inputs)), reverts);
  if (ends) {
    await manager.run(endTasks(inputs, inputs.release)).catch(() => undefined);
    await each(({ session }) => session.run(rollout.retire(inputs, inputs.release)), [...runs.keys()]);
  }
  // A failed rollback rolled nothing back: it has no record.
  const recorded = [...runs].flatMap(([name, { ending }]) => (ending.status === "success" ? [name] : []));
  await each((run) => finish(run, reverts.length > 0 ? "rolled_back" : "failed", cause.message), recorded);
  const [first] = runs.values();
  return first === undefined ? cause : explain(failing ?? first, cause, lines.trim());
}
