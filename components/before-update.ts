import { checkBackupKey } from "./backup-key";
import { githubStackOf } from "./github-stack";
import { clusterServers, isMajority, managersOf, type ClusterServer } from "../config/cluster-servers";
import type { StackConfig } from "./stack-config";
import type { StackOutputs } from "./stack-outputs";
import { userError } from "./user-error";

const nothingChanged = "nothing was changed\n  next: ";

/**
 * A server leaves the Swarm last. Before that, the firewalls of the others close for it, and Docker takes the settings of a
 * server without a Swarm only after it.
 * @throws pulumi.RunError for a stack that had a cluster and has none, and for one that would lose most of its managers at once.
 */
export function assertKeepsSwarm(
  servers: readonly Pick<ClusterServer, "name">[],
  { managers }: Pick<StackOutputs, "managers">,
): void {
  if (managers === undefined) return;
  if (servers.length === 0)
    throw userError(
      `cluster: the app runs as a Docker Swarm, and the program cannot end that without an outage; ${nothingChanged}keep the section with \`nodes: []\`, which is a Swarm of one server`,
    );
  const left = managers.filter((name) => servers.some((one) => one.name === name));
  if (!isMajority(left, managers))
    throw userError(
      `cluster.nodes: ${left.length} of ${managers.length} managers would be left, and more than half must run until the others have left; ${nothingChanged}give those that leave the role \`worker\`, run \`pulumi up\`, then remove them`,
    );
}

/**
 * The networks of a Swarm would get the addresses that the app's network on its one server has, so no task would start there.
 * @throws pulumi.RunError for an app that runs on one server, where the configuration makes a cluster of it.
 */
export function assertStartsAsCluster(
  servers: readonly Pick<ClusterServer, "name">[],
  { imageTag, managers }: Pick<StackOutputs, "imageTag" | "managers">,
): void {
  if (servers.length === 0 || imageTag === undefined || managers !== undefined) return;
  throw userError(
    `cluster: the app runs on one server without a Swarm, and the program cannot make a cluster of it yet; ${nothingChanged}deploy a new stack with \`cluster\` to new servers, then change the A records`,
  );
}

/**
 * Checks what would stop an update half way or would delete something by mistake, before anything is declared. Returns
 * the outputs by which the next update knows the app, the server, and that the check passed.
 * @throws pulumi.RunError with the cause and the next step.
 */
export async function checkBeforeUpdate(
  config: Pick<StackConfig, "app" | "cluster" | "connection" | "pipeline" | "backups">,
  last: StackOutputs,
): Promise<Record<string, unknown>> {
  const { app, connection, pipeline, backups } = config;
  const servers = clusterServers(config);
  assertStartsAsCluster(servers, last);
  assertKeepsSwarm(servers, last);
  const managers = managersOf(servers);
  const githubStack = await githubStackOf(pipeline, last);
  await checkBackupKey(backups, last);
  return {
    app: app.name,
    host: connection.host,
    ...(githubStack && { githubStack }),
    ...(backups && { backupsBucket: backups.bucket }),
    ...(managers.length > 0 && { managers }),
  };
}
