import { planRollback, planRollout, rollbackTarget, stepKinds, type Step, type StepSettings } from "../rollout/plan";
import type { HostState } from "../rollout/host-state";
import { recoveryOf } from "../rollout/run";

/** The releases on each server of a cluster, by its name. */
export type ClusterState = Readonly<Record<string, HostState>>;

/** Steps of one kind, by the name of the server. The next phase begins when all servers have ended this one. */
export interface Phase {
  readonly kind: Step["kind"];
  readonly steps: Readonly<Record<string, readonly Step[]>>;
}

/** The steps of each server, by its name. */
type Plans = Readonly<Record<string, readonly Step[]>>;

/** The plans of all servers, in step: the steps of one kind are one phase. */
const inStep = (plans: Plans, kinds: readonly Step["kind"][]): Phase[] =>
  kinds.flatMap((kind) => {
    const steps = Object.entries(plans)
      .map(([name, plan]) => [name, plan.filter((step) => step.kind === kind)] as const)
      .filter(([, own]) => own.length > 0);
    return steps.length === 0 ? [] : [{ kind, steps: Object.fromEntries(steps) }];
  });

const plansOf = (states: ClusterState, planOf: (state: HostState) => readonly Step[]): Plans =>
  Object.fromEntries(Object.entries(states).map(([name, state]) => [name, planOf(state)]));

/** The plan of a rollout over several servers: the plan of each one, in step with the others. */
export const planPhases = (states: ClusterState, desired: string, settings?: StepSettings): Phase[] =>
  inStep(
    plansOf(states, (state) => planRollout(state, desired, settings)),
    stepKinds,
  );

/** As in `planRollback`, the record comes before the confirm. */
const rollbackKinds = [
  ...["revert", "start", "keep", "gate", "switch", "prove"],
  ...["record", "confirm", "drain", "retire"],
] as readonly Step["kind"][];

/** The plan of a rollback over several servers to a release that all of them have. */
export const planRollbackPhases = (states: ClusterState, release: string, settings?: StepSettings): Phase[] =>
  inStep(
    plansOf(states, (state) => planRollback(state, release, settings)),
    rollbackKinds,
  );

/** The releases that a phase retires, on any server. */
export const retiredBy = ({ steps }: Phase): string[] => [
  ...new Set(
    Object.values(steps)
      .flat()
      .flatMap((step) => (step.kind === "retire" ? [step.release] : [])),
  ),
];

/** The releases whose services stay: the desired one and each server's rollback target. */
export const keptReleases = (states: ClusterState, desired: string): string[] => [
  ...new Set([desired, ...Object.values(states).map((state) => rollbackTarget(state, desired))].filter(Boolean)),
];

/** The servers whose cutover a failed phase reverts, and whether the new release ends everywhere. */
export interface ClusterRecovery {
  readonly reverts: readonly string[];
  readonly ends: boolean;
}

/**
 * The action after a failed phase. A release that serves on any server stays on all of them. Once one server may have confirmed
 * it, each server decides alone: an unconfirmed cutover reverts by itself, and the next run makes all servers equal.
 */
export function recoverCluster(failed: Step["kind"], states: ClusterState, desired: string): ClusterRecovery {
  if (failed === "confirm") return { reverts: [], ends: false };
  const recoveries = Object.entries(states).map(([name, state]) => [name, recoveryOf(failed, state, desired)] as const);
  return {
    reverts: recoveries.filter(([, recovery]) => recovery === "revert").map(([name]) => name),
    ends: recoveries.every(([, recovery]) => recovery !== "leave"),
  };
}
