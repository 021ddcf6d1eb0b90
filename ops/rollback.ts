import { activeTag, containerOf, type HostState } from "../host/rollout/host-state";
import { previousRelease } from "../host/rollout/plan";
import type { RollbackResult, RollbackSettings } from "../host/rollout/rollback";
import type { Stack } from "./stack";

export const rollbackSettings = ({ app, connection, repository, rollout }: Stack): RollbackSettings => ({
  connection,
  app: app.name,
  domain: app.domain,
  repository,
  ...rollout,
});

/** What serves, and what can be gone back to; empty where there is nothing. */
export interface WayBack {
  readonly serving: string;
  readonly before: string;
}

export function wayBack(state: HostState): WayBack {
  const release = previousRelease(state);
  const before = release === state.active ? "" : (containerOf(state, release)?.imageTag ?? "");
  return { serving: activeTag(state), before };
}

/** How to go back, and how when there is no time for it. */
export function renderWayBack({ serving, before }: WayBack, stack: string): string {
  if (!before) return `the site runs ${serving || "nothing"}, and the host has no release to go back to`;
  return [
    `the site runs ${serving}; before it ran ${before}. To go back, with today's configuration:`,
    `  pulumi up --stack ${stack} -c imageTag=${before}`,
    "in an emergency, with the host alone, to the release as it was:",
    `  npm run ops -- rollback --now --stack ${stack}`,
  ].join("\n");
}

/** What an emergency came to, and what follows from it. */
export function renderRolledBack({ serving, release, rolledBack }: RollbackResult): string {
  const site = `the site runs ${serving} again (release ${release})`;
  if (rolledBack === serving) {
    return `${site}, as it was configured then\nmend the configuration before the next pulumi up: it deploys ${serving} with today's`;
  }
  return [
    `${site}; ${rolledBack} is stopped`,
    `pulumi up keeps ${serving} and takes it over; ${rolledBack} is refused until it is asked for by force`,
  ].join("\n");
}
