import { step } from "../rollout/commands";
import type { RolloutInputs } from "../rollout/inputs";
import type { Command } from "../shell";

const onManager = (...parts: Parameters<typeof step>): Command => ({
  ...step(...parts),
  hint: "run `pulumi up --refresh`; `docker node ls` and `docker service ls` on a manager show the Swarm",
});

/** Time that Swarm takes to stop the tasks of a release, beyond the grace of the containers. */
const scaleSeconds = 30;

/** Starts the tasks of a release, one on each server. */
export const startTasks = (inputs: RolloutInputs, replicas: number): Command =>
  onManager(inputs, "start the tasks of release", inputs.release, "swarm/scale.sh", [inputs.release, replicas, 0]);

/** Ends the tasks of a release on all servers. */
export function endTasks(inputs: RolloutInputs, release: string): Command {
  const seconds = inputs.stopSeconds + scaleSeconds;
  const args = [release, 0, seconds];
  return onManager(inputs, "end the tasks of release", release, "swarm/scale.sh", args, seconds + 30);
}

/** Waits until nginx of the server reaches the release there, and not only the other servers. */
export const waitForTask = ({ app, release }: RolloutInputs): Command => ({
  ...step({ app }, "reach the release through nginx's socket", release, "swarm/wait-open.sh", [release], 20),
  hint: `look at the server: systemctl status ${app}-task.service; docker ps --filter label=app=${app}`,
});

/** Removes all services and secrets of the app but those of the named releases. */
export const pruneServices = (inputs: Pick<RolloutInputs, "app">, kept: readonly string[]): Command =>
  onManager(inputs, "prune the services of", inputs.app, "swarm/prune.sh", kept);
