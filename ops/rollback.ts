import { gateOf } from "../config/health";
import { activeTag, containerOf, type HostState } from "../host/rollout/host-state";
import { chooseRollback, engineCommand } from "../host/rollout/rollback-choice";
import { previousRelease } from "../host/rollout/plan";
import type { RollbackResult, RollbackSettings } from "../host/rollout/rollback";
import type { Stack } from "./stack";

export const rollbackSettings = ({
  app,
  connection,
  servers,
  isCluster,
  repository,
  health,
  rollout,
  keepAssets,
}: Stack): RollbackSettings => ({
  connection,
  app: app.name,
  domain: app.domain,
  repository,
  gateFor: (tag) => gateOf(health, tag),
  keepAssets,
  ...(isCluster && { cluster: [...servers] }),
  ...rollout,
});

/** The active tag and the tag of the rollback target; empty when missing. */
export interface WayBack {
  readonly serving: string;
  readonly before: string;
}

export function wayBack(state: HostState): WayBack {
  const release = previousRelease(state);
  const before = release === state.active ? "" : (containerOf(state, release)?.imageTag ?? "");
  return { serving: activeTag(state), before };
}

/** The commands for a rollback, and for one without delay. */
export function renderWayBack({ serving, before }: WayBack, stack: string): string {
  if (!before) return `the site runs ${serving || "nothing"}, and the server has no previous release`;
  return [
    `the site runs ${serving}; the previous release is ${before}. To roll back, with today's configuration:`,
    `  pulumi up --stack ${stack} -c imageTag=${before}`,
    "in an emergency, with the host alone, to the release as it was:",
    `  npm run ops -- rollback --now --stack ${stack}`,
  ].join("\n");
}

/** How to roll back to a tag, and the tag that serves now. */
export interface WayTo {
  readonly serving: string;
  readonly tag: string;
  /** Whether the server alone can do it: `rollback --now --to`. */
  readonly now: boolean;
  readonly isRefused: boolean;
}

/** @throws Error that says why the tag cannot serve again, with the next command. */
export function wayTo(state: HostState, tag: string): WayTo {
  const choice = chooseRollback(state, tag);
  if (choice.kind === "none") throw new Error(`${choice.cause}\n  next: ${choice.hint}`);
  return { serving: activeTag(state), tag, now: choice.kind === "now", isRefused: choice.isRefused };
}

/** The commands for a rollback to a tag. */
export const renderWayTo = ({ serving, tag, now, isRefused }: WayTo, stack: string): string =>
  [
    `the site runs ${serving}. To roll back to ${tag}, with today's configuration:`,
    `  ${engineCommand({ tag, isRefused }, stack)}`,
    ...(isRefused ? [`${tag} was rolled back itself; ops history ${tag} says why`] : []),
    ...(now
      ? [
          "in an emergency, with the host alone, to the release as it was:",
          `  npm run ops -- rollback --now --to ${tag} --stack ${stack}`,
        ]
      : ["the server has not kept its release, so only the engine can deploy it"]),
  ].join("\n");

/** The result of a rollback, and the next steps. */
export function renderRolledBack({ serving, release, rolledBack }: RollbackResult): string {
  const site = `the site runs ${serving} again (release ${release})`;
  if (rolledBack === serving) {
    return `${site}, as it was configured then\nfix the configuration before the next pulumi up: it deploys ${serving} with today's`;
  }
  return [
    `${site}; ${rolledBack} is stopped`,
    `pulumi up keeps ${serving} and takes it over; ${rolledBack} is refused until it is asked for by force`,
  ].join("\n");
}
