import type { Deployment } from "./deployment";
import type { HostState } from "./host-state";
import { containerOf } from "./host-state";

/** One step of a rollout. Steps are safe to repeat: a rollout that was cut off is planned anew from what is there. */
export type Step =
  | { readonly kind: "revert" }
  | { readonly kind: "start" }
  | { readonly kind: "gate" }
  | { readonly kind: "switch" }
  | { readonly kind: "prove" }
  | { readonly kind: "soak" }
  | { readonly kind: "confirm" }
  | { readonly kind: "drain"; readonly release: string }
  | { readonly kind: "retire"; readonly release: string }
  | { readonly kind: "record" }
  | { readonly kind: "prune"; readonly releases: readonly string[] };

/** Every kind of step there is, in the order they can come. */
export const stepKinds = [
  "revert",
  "start",
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

const releasesOf = (state: HostState): string[] => [
  ...new Set([...state.containers.map((container) => container.release ?? ""), ...state.listening].filter(Boolean)),
];

/**
 * The host as a rollout finds it once a cutover to another release, left unconfirmed by one that died, is taken back. The
 * lock is ours, so nobody is left to confirm it.
 */
export const settled = (state: HostState, desired: string): HostState =>
  state.unconfirmed && state.unconfirmed.to !== desired
    ? { ...state, active: state.unconfirmed.from, environment: state.unconfirmed.from, unconfirmed: null }
    : state;

/** The release that served before the desired one: it stays, stopped, to go back to. */
export function rollbackTarget(state: HostState, desired: string): string {
  if (state.unconfirmed?.to === desired) return state.unconfirmed.from;
  return state.active && state.active !== desired ? state.active : state.previous;
}

const isSwitched = (state: HostState, desired: string): boolean =>
  state.active === desired && state.environment === desired && state.unconfirmed === null;

/**
 * The steps that make `desired` the serving release, from what runs now. Everything before `switch` leaves the serving
 * release untouched; nothing is stopped before the new one was proved through the public site and its cutover confirmed.
 */
export function planRollout(found: HostState, desired: string): Step[] {
  const state = settled(found, desired);
  const others = releasesOf(state).filter((release) => release !== desired);
  const kept = rollbackTarget(state, desired);
  // One that was cut off while it was retired may have lost its container, and still listen.
  const isRunning = (release: string): boolean =>
    containerOf(state, release)?.running === true || state.listening.includes(release);
  const retired: Step[] = [
    { kind: "drain", release: kept },
    { kind: "retire", release: kept },
  ];
  return [
    ...(state === found ? [] : [{ kind: "revert" } as const]),
    { kind: "start" },
    { kind: "gate" },
    ...(isSwitched(state, desired) ? [] : [{ kind: "switch" } as const]),
    { kind: "prove" },
    ...(isSwitched(state, desired) ? [] : [{ kind: "soak" } as const]),
    { kind: "confirm" },
    ...(others.includes(kept) && isRunning(kept) ? retired : []),
    { kind: "record" },
    { kind: "prune", releases: others.filter((release) => release !== kept) },
  ];
}

const wasTakenBack = (records: readonly Deployment[], release: string): boolean =>
  records.findLast((record) => record.release === release)?.status === "rolled_back";

/** Whether a cutover waits to be confirmed that goes forward: one that goes back leads to the release before. */
const isForward = ({ unconfirmed, previous }: HostState): boolean =>
  unconfirmed !== null && unconfirmed.to !== previous;

/**
 * The release that an emergency goes back to; empty where there is none. Where the release before was taken back itself, it
 * is the serving one: a rollback that was cut off, or is asked for twice, is brought to its end.
 */
export function previousRelease(state: HostState): string {
  const { active, previous, unconfirmed, records } = state;
  if (unconfirmed !== null && isForward(state)) return unconfirmed.from;
  return wasTakenBack(records, previous) ? active : previous;
}

/**
 * The steps that go back to `release`, which `previousRelease` named: a rollout of it without the soak. The record comes
 * before the confirmation: from then on nothing deploys what was taken back, wherever this is cut off.
 */
export function planRollback(found: HostState, release: string): Step[] {
  const left = rollbackTarget(found, release);
  if (isForward(found)) {
    return [{ kind: "revert" }, { kind: "prove" }, { kind: "drain", release: left }, { kind: "retire", release: left }];
  }
  const unneeded: readonly Step["kind"][] = ["soak", "record", "prune"];
  const steps = planRollout(found, release).filter(({ kind }) => !unneeded.includes(kind));
  if (wasTakenBack(found.records, left)) return steps;
  const confirm = steps.findIndex(({ kind }) => kind === "confirm");
  return steps.toSpliced(confirm, 0, { kind: "record" });
}
