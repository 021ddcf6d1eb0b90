import type { ResourceHandler } from "../resource-handler";
import * as commands from "../../host/rollout/commands";
import type { Deployment } from "../../host/rollout/deployment";
import { containerOf, isServing, parseHostState, type HostState } from "../../host/rollout/host-state";
import { rolloutInputsSchema, type RolloutInputs } from "../../host/rollout/inputs";
import type { Report } from "../../host/rollout/progress";
import type { ServedImage } from "../../host/rollout/records";
import { runRollout } from "../../host/rollout/run";
import type { LockingShell } from "../../host/session";

export interface RolloutState extends RolloutInputs {
  /** Image tag of the active release. */
  readonly imageTag: string;
  /** Image tag of the rollback target; empty if no other tag has served. A rollout of the same tag keeps it. */
  readonly previousImageTag: string;
  readonly deployment: Deployment;
  /** The last five image tags that served, newest first. */
  readonly releases: readonly ServedImage[];
}

async function roll(inputs: RolloutInputs, host: LockingShell, report?: Report): Promise<RolloutState> {
  const { deployment, releases } = await runRollout(inputs, host, report);
  const imageTag = inputs.image.tag;
  const previousImageTag = releases.find(({ tag }) => tag !== imageTag)?.tag ?? "";
  return { ...inputs, imageTag, previousImageTag, deployment, releases };
}

/** The state with the release that is active on the server. A preview shows the difference to the desired release. */
function withServing(state: RolloutState, host: HostState): RolloutState {
  if (isServing(host, state.release)) return state;
  const serving = containerOf(host, host.active);
  const release = isServing(host, host.active) ? host.active : "";
  const image = release ? { ...state.image, tag: serving?.imageTag ?? "", digest: serving?.digest ?? "" } : state.image;
  return { ...state, release, image };
}

/** The resource `Rollout`: makes a new container the active release. */
export const rollout: ResourceHandler<RolloutInputs, RolloutState> = {
  schema: rolloutInputsSchema,
  // Another app is another rollout. Every other change rolls out in place.
  verdicts: { app: "replace" },

  async create(inputs, host, report) {
    return { id: inputs.app, state: await roll(inputs, host, report) };
  },

  async read(state, host) {
    return withServing(state, parseHostState(await host.run(commands.observe(state.app))));
  },

  update(_state, inputs, host, report) {
    return roll(inputs, host, report);
  },

  async delete(state, host) {
    await host.run(commands.remove(state, state.deployment.id));
  },
};
