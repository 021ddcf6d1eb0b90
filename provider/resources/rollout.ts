import type { OpenShell } from "../provider";
import type { ResourceHandler } from "../resource-handler";
import * as commands from "../../host/rollout/commands";
import type { Deployment } from "../../host/rollout/deployment";
import { containerOf, isServing, parseHostState, type HostState } from "../../host/rollout/host-state";
import { rolloutInputsSchema, type RolloutInputs } from "../../host/rollout/inputs";
import type { Report } from "../../host/rollout/progress";
import type { ServedImage } from "../../host/rollout/records";
import { runRollout } from "../../host/rollout/run";
import type { LockingShell } from "../../host/session";
import { pruneServices } from "../../host/swarm/commands";
import { runClusterRollout, type ClusterServer } from "../../host/swarm/rollout";

export interface RolloutState extends RolloutInputs {
  /** Image tag of the active release. */
  readonly imageTag: string;
  /** Image tag of the rollback target; empty if no other tag has served. A rollout of the same tag keeps it. */
  readonly previousImageTag: string;
  readonly deployment: Deployment;
  /** The last five image tags that served, newest first. */
  readonly releases: readonly ServedImage[];
}

/** The servers of a cluster that answer; undefined for one server. */
const serversOf = ({ cluster }: RolloutInputs, open: OpenShell): ClusterServer[] | undefined =>
  cluster?.filter(({ isDown }) => !isDown).map(({ name, connection }) => ({ name, shell: open(connection) }));

async function roll(
  inputs: RolloutInputs,
  host: LockingShell,
  open: OpenShell,
  report?: Report,
): Promise<RolloutState> {
  const servers = serversOf(inputs, open);
  const outcome = servers ? runClusterRollout(inputs, servers, report) : runRollout(inputs, host, report);
  const { deployment, releases } = await outcome;
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

/** The state as the servers have it: of several servers the first one that does not serve the release decides. */
async function read(state: RolloutState, host: LockingShell, open: OpenShell): Promise<RolloutState> {
  const shells = serversOf(state, open)?.map(({ shell }) => shell) ?? [host];
  const observed = await Promise.all(shells.map((shell) => shell.run(commands.observe(state.app))));
  const found = observed.map((text) => withServing(state, parseHostState(text)));
  return found.find(({ release }) => release !== state.release) ?? state;
}

/** The services end before the containers, because Swarm starts a container again that ends alone. */
async function remove(state: RolloutState, host: LockingShell, open: OpenShell): Promise<void> {
  const servers = serversOf(state, open);
  if (servers) await host.run(pruneServices(state, []));
  const shells = servers?.map(({ shell }) => shell) ?? [host];
  for (const shell of shells) await shell.run(commands.remove(state, state.deployment.id));
}

/** The resource `Rollout`: makes a new container the active release. `open` reaches the other servers of a cluster. */
export const rollout = (open: OpenShell): ResourceHandler<RolloutInputs, RolloutState> => ({
  schema: rolloutInputsSchema,
  // Another app is another rollout. Every other change rolls out in place.
  verdicts: { app: "replace" },

  async create(inputs, host, report) {
    return { id: inputs.app, state: await roll(inputs, host, open, report) };
  },

  read: (state, host) => read(state, host, open),

  update(_state, inputs, host, report) {
    return roll(inputs, host, open, report);
  },

  delete: (state, host) => remove(state, host, open),
});
