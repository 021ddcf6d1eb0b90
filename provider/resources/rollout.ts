import type { ResourceHandler } from "../resource-handler";
import * as commands from "../../host/rollout/commands";
import type { Deployment, ServedImage } from "../../host/rollout/deployment";
import { containerOf, isServing, parseHostState, type HostState } from "../../host/rollout/host-state";
import { rolloutInputsSchema, type RolloutInputs } from "../../host/rollout/inputs";
import { runRollout } from "../../host/rollout/run";

export interface RolloutState extends RolloutInputs {
  /** Image tag that serves. */
  readonly imageTag: string;
  /** Image tag that served before; empty until there was one. A rollout of the same tag keeps it. */
  readonly previousImageTag: string;
  readonly deployment: Deployment;
  /** The last five image tags that served, newest first. */
  readonly releases: readonly ServedImage[];
}

async function roll(
  inputs: RolloutInputs,
  before: readonly string[],
  host: Parameters<typeof runRollout>[1],
): Promise<RolloutState> {
  const { deployment, releases } = await runRollout(inputs, host);
  const { tag } = inputs.image;
  const previousImageTag = [deployment.previousVersion, ...before].find((left) => left && left !== tag) ?? "";
  return { ...inputs, imageTag: inputs.image.tag, previousImageTag, deployment, releases };
}

/** The state with what really serves in place of what should: the difference is what a preview shows. */
function withServing(state: RolloutState, host: HostState): RolloutState {
  if (isServing(host, state.release)) return state;
  const serving = containerOf(host, host.active);
  const release = isServing(host, host.active) ? host.active : "";
  const image = release ? { ...state.image, tag: serving?.imageTag ?? "", digest: serving?.digest ?? "" } : state.image;
  return { ...state, release, image };
}

/** Kind `Rollout`: makes a container that was created beside the serving one the serving one. */
export const rollout: ResourceHandler<RolloutInputs, RolloutState> = {
  schema: rolloutInputsSchema,
  // Another app is another rollout; anything else rolls out in place.
  verdicts: { app: "replace" },

  async create(inputs, host) {
    return { id: inputs.app, state: await roll(inputs, [], host) };
  },

  async read(state, host) {
    return withServing(state, parseHostState(await host.run(commands.observe(state.app))));
  },

  update(state, inputs, host) {
    return roll(inputs, [state.imageTag, state.previousImageTag], host);
  },

  async delete(state, host) {
    await host.run(commands.remove(state, state.deployment.id));
  },
};
