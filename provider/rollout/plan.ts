import type { HostState } from "./host-state";
import { containerOf } from "./host-state";

/** One step of a rollout. Steps are safe to repeat: a rollout that was cut off is planned anew from what is there. */
export type Step =
  | { readonly kind: "start" }
  | { readonly kind: "gate" }
  | { readonly kind: "switch" }
  | { readonly kind: "prove" }
  | { readonly kind: "drain"; readonly release: string }
  | { readonly kind: "retire"; readonly release: string }
  | { readonly kind: "record" }
  | { readonly kind: "prune"; readonly releases: readonly string[] };

/** Every kind of step there is, in the order they can come. */
export const stepKinds = [
  "start",
  "gate",
  "switch",
  "prove",
  "drain",
  "retire",
  "record",
  "prune",
] as const satisfies readonly Step["kind"][];

const releasesOf = (state: HostState): string[] => [
  ...new Set([...state.containers.map((container) => container.release ?? ""), ...state.listening].filter(Boolean)),
];

/** The release that stays, stopped, to go back to: the one that serves now, or served before when that is the desired one. */
export const rollbackTarget = (state: HostState, desired: string): string =>
  state.active && state.active !== desired ? state.active : state.previous;

/**
 * The steps that make `desired` the serving release, from what runs now. Everything before `switch` leaves the serving
 * release untouched; nothing is stopped before the new one was proved through the public site.
 */
export function planRollout(state: HostState, desired: string): Step[] {
  const others = releasesOf(state).filter((release) => release !== desired);
  const kept = rollbackTarget(state, desired);
  const running = others.filter((release) => containerOf(state, release)?.running ?? state.listening.includes(release));
  return [
    { kind: "start" },
    { kind: "gate" },
    ...(state.active === desired && state.environment === desired ? [] : [{ kind: "switch" } as const]),
    { kind: "prove" },
    ...running
      .filter((release) => release === kept)
      .flatMap((release): Step[] => [
        { kind: "drain", release },
        { kind: "retire", release },
      ]),
    { kind: "record" },
    { kind: "prune", releases: others.filter((release) => release !== kept) },
  ];
}
