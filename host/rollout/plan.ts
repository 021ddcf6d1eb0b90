import { keepsAssets, type KeepAssets } from "./assets";
import type { Deployment } from "./deployment";
import { containerOf, tagOf, type HostState } from "./host-state";

/** One step of a rollout. Every step is safe to repeat: an interrupted rollout is planned again from what is there. */
export type Step =
  | { readonly kind: "revert" }
  | { readonly kind: "start" }
  | { readonly kind: "keep" }
  | { readonly kind: "gate" }
  | { readonly kind: "switch" }
  | { readonly kind: "prove" }
  | { readonly kind: "soak" }
  | { readonly kind: "confirm" }
  | { readonly kind: "drain"; readonly release: string }
  | { readonly kind: "retire"; readonly release: string }
  | { readonly kind: "record" }
  | { readonly kind: "prune"; readonly releases: readonly string[] };

/** Every kind of step, in the order of a rollout. */
export const stepKinds = [
  "revert",
  "start",
  "keep",
  "gate",
  "switch",
  "prove",
  "soak",
  "confirm",
  "drain",
  "retire",
  "record",
  "prune",
] as const satisfies readonly Step["kind"][];

/** Every release with a container or a socket, the active one first: it has the connections that a drain waits for. */
function releasesOf({ active, containers, listening }: HostState): string[] {
  const releases = new Set([...containers.map(({ release }) => release), ...listening]);
  return [...releases].toSorted((a, b) => Number(b === active) - Number(a === active));
}

/**
 * The server's state after the revert of an unconfirmed cutover to another release. The rollout holds the lock, so the
 * run that made the cutover is dead and cannot confirm it.
 */
export const afterRevert = (state: HostState, desired: string): HostState =>
  state.unconfirmed && state.unconfirmed.to !== desired
    ? {
        ...state,
        active: state.unconfirmed.from,
        environment: containerOf(state, state.unconfirmed.from)?.environment ?? "",
        unconfirmed: null,
      }
    : state;

/** The release that served before the desired one became active, or that serves while the desired one is not active yet. */
function replacedRelease({ active, previous, unconfirmed }: HostState, desired: string): string {
  if (unconfirmed?.to === desired) return unconfirmed.from;
  return active && active !== desired ? active : previous;
}

/**
 * The rollback target once the desired release serves: the last release of another tag that served. A release of the same
 * tag, such as the one before a change of configuration, never takes its place. Empty without one.
 */
export function rollbackTarget(state: HostState, desired: string): string {
  const served = [replacedRelease(state, desired), state.previous].filter((release) => release && release !== desired);
  return served.find((release) => tagOf(state, release) !== tagOf(state, desired)) ?? "";
}

const isSwitched = (state: HostState, desired: string): boolean =>
  state.active === desired &&
  state.unconfirmed === null &&
  state.environment === containerOf(state, desired)?.environment;

/** An interrupted retire may have stopped the container and not the socket. */
const isUp = (state: HostState, release: string): boolean =>
  containerOf(state, release)?.running === true || state.listening.includes(release);

/** Settings of the stack that add a step. */
export interface StepSettings {
  readonly keepAssets?: KeepAssets | undefined;
}

/**
 * The steps that make `desired` the active release, from what runs now. Everything before `switch` leaves the active
 * release untouched. Nothing stops before the new release is proved through the public site and its cutover is confirmed.
 */
export function planRollout(found: HostState, desired: string, { keepAssets }: StepSettings = {}): Step[] {
  const state = afterRevert(found, desired);
  const others = releasesOf(state).filter((release) => release !== desired);
  const kept = rollbackTarget(state, desired);
  const switched = isSwitched(state, desired);
  return [
    ...(state === found ? [] : [{ kind: "revert" } as const]),
    { kind: "start" },
    // While the app starts.
    ...(keepsAssets(keepAssets) ? [{ kind: "keep" } as const] : []),
    { kind: "gate" },
    ...(switched ? [] : [{ kind: "switch" } as const]),
    { kind: "prove" },
    ...(switched ? [] : [{ kind: "soak" } as const]),
    { kind: "confirm" },
    ...others.filter((release) => isUp(state, release)).flatMap(drainAndRetire),
    { kind: "record" },
    { kind: "prune", releases: others.filter((release) => release !== kept) },
  ];
}

const drainAndRetire = (release: string): Step[] => [
  { kind: "drain", release },
  { kind: "retire", release },
];

const wasRolledBack = (records: readonly Deployment[], release: string): boolean =>
  records.findLast((record) => record.release === release)?.status === "rolled_back";

/** Whether an unconfirmed cutover is a rollout. An unconfirmed rollback leads to the previous release. */
const isUnconfirmedRollout = ({ unconfirmed, previous }: HostState): boolean =>
  unconfirmed !== null && unconfirmed.to !== previous;

/**
 * The release that `ops rollback --now` makes active; empty when the server has none. After a rollback it is the active
 * release: an interrupted or repeated rollback is completed.
 */
export function previousRelease(state: HostState): string {
  const { active, previous, unconfirmed, records } = state;
  if (unconfirmed !== null && isUnconfirmedRollout(state)) return unconfirmed.from;
  if (wasRolledBack(records, previous)) return active;
  return previous === active || tagOf(state, previous) !== tagOf(state, active) ? previous : "";
}

/** The release that a rollback to `release` stops. */
export const rolledBackRelease = replacedRelease;

/**
 * The steps of a rollback to `release`, which `previousRelease` named: a rollout of it without the soak. The record comes
 * before the confirm: from then on no run deploys the tag that was rolled back, wherever this one is interrupted.
 */
export function planRollback(found: HostState, release: string, settings: StepSettings = {}): Step[] {
  const stopped = rolledBackRelease(found, release);
  if (isUnconfirmedRollout(found)) return [{ kind: "revert" }, { kind: "prove" }, ...drainAndRetire(stopped)];
  const unneeded: readonly Step["kind"][] = ["soak", "record", "prune"];
  const steps = planRollout(found, release, settings).filter(({ kind }) => !unneeded.includes(kind));
  if (wasRolledBack(found.records, stopped)) return steps;
  const confirm = steps.findIndex(({ kind }) => kind === "confirm");
  return steps.toSpliced(confirm, 0, { kind: "record" });
}
