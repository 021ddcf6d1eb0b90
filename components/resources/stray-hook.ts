import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

/**
 * Runs before the app's network is created, not in previews. A run that was killed while Docker created the network left it
 * on the server, and no state knows it. Without this hook every later `up` fails: the name is in use. A container needs no
 * such hook: each one has a name of its own, and the next rollout prunes what a killed run left.
 */
export const strayNetworkHook = (connection: Connection, app: string, network: string = app): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-stray-network`, async () => {
    await pulumi.runtime.invoke("vps:index:clearStray", { connection, app, network }, {});
  });

/** As `strayNetworkHook`, for a service or a secret of a release in a cluster: their names come from the release's id. */
export const strayServiceHook = (
  connection: Connection,
  app: string,
  kind: "service" | "secret",
): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-stray-${kind}`, async ({ newInputs }) => {
    const { name } = newInputs as { name: string };
    await pulumi.runtime.invoke("vps:index:clearService", { connection, app, kind, name }, {});
  });
