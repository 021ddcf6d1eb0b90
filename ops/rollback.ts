import { gateOf } from "../config/health";
import { activeTag, containerOf, type HostState } from "../host/rollout/host-state";
import { previousRelease } from "../host/rollout/plan";
import type { RollbackResult, RollbackSettings } from "../host/rollout/rollback";
import type { Stack } from "./stack";

export const rollbackSettings = ({ app, connection, repository, health, rollout }: Stack): RollbackSettings => ({
  connection,
  app: app.name,
  domain: app.domain,
  repository,
  gateFor: (tag) => gateOf(health, tag),
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
