import { HostError } from "../host-error";
import { containerOf, type HostState } from "../rollout/host-state";
import type { RolloutInputs } from "../rollout/inputs";
import { afterRevert, previousRelease } from "../rollout/plan";
import { silent, type Report } from "../rollout/progress";
import {
  assertPossible,
  inputsOf,
  rollbackRun,
  withHint,
  type RollbackRequest,
  type RollbackResult,
  type RollbackSettings,
} from "../rollout/rollback";
import { closeInterrupted, rolloutLock, type Run } from "../rollout/run";
import { planRollbackPhases } from "./plan";
import { runPhases, underLocks, type ClusterServer, type Held } from "./rollout";

/** @throws HostError when a server does not have the release that the first one returns to. */
function assertKnown({ app }: RolloutInputs, release: string, held: readonly Held[]): void {
  const without = held.filter(({ found }) => containerOf(found, release) === undefined).map(({ name }) => name);
  if (without.length === 0) return;
  throw new HostError({
    operation: "roll back",
    target: app,
    cause: `release ${release} is not known on ${without.join(", ")}`,
    hint: "deploy the tag with the engine: pulumi up -c imageTag=$(pulumi stack output previousImageTag)",
  });
}

async function rollBackOver(
  settings: RollbackSettings,
  { reason, tag }: RollbackRequest,
  held: readonly Held[],
  report: Report,
): Promise<RollbackResult> {
  const [first] = held;
  if (first === undefined) throw new Error("a cluster has at least one server");
  if (tag !== undefined) assertPossible(settings.app, first.found, tag);
  const release = previousRelease(first.found);
  const inputs = inputsOf(settings, first.found, release);
  assertKnown(inputs, release, held);
  // The record of every server has the same id.
  const now = new Date();
  const runs = new Map(
    held.map(({ name, session, found }) => [name, rollbackRun({ inputs, session, report }, found, reason, now)]),
  );
  await Promise.all(
    held.map(({ name, found, session }) => closeInterrupted(inputs, found, deploymentOf(runs, name), session)),
  );
  const stateOf = (pick: (one: Held) => HostState) => Object.fromEntries(held.map((one) => [one.name, pick(one)]));
  const before = stateOf(({ found }) => afterRevert(found, release));
  const phases = planRollbackPhases(
    stateOf(({ found }) => found),
    release,
    inputs,
  );
  const rolledBack = deploymentOf(runs, first.name).imageTag;
  await runPhases({ inputs, manager: first.session, runs, before, report }, phases).catch(withHint);
  return { serving: inputs.image.tag, release, rolledBack };
}

function deploymentOf(runs: ReadonlyMap<string, Run>, name: string): Run["deployment"] {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`no run on ${name}`);
  return run.deployment;
}

/**
 * `rollBack` on all servers of a cluster: Swarm starts the tasks of the previous release again, and no server switches before
 * the gate has passed on all of them. The first server says which release that is.
 * @throws HostError with the cause and the next step; the release that served continues to serve.
 */
export function rollBackCluster(
  settings: RollbackSettings,
  request: RollbackRequest,
  servers: readonly ClusterServer[],
  report: Report = silent,
): Promise<RollbackResult> {
  const { app } = settings;
  const lock = rolloutLock(app, `rollback of ${app}`);
  return underLocks(app, lock, servers, (held) => rollBackOver(settings, request, held, report));
}
