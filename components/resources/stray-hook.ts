import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

interface ContainerInputs {
  readonly name: string;
  readonly networksAdvanced: readonly { readonly ipv4Address: string }[];
}

const clear = (connection: Connection, app: string, stray: object): Promise<unknown> =>
  pulumi.runtime.invoke("vps:index:clearStray", { connection, app, stray }, {}) as Promise<unknown>;

/**
 * Runs before a container is made, not in previews: a run that was killed while Docker made the same one has left it on
 * the host and only a pending operation in the state, and every later `up` would fail with "name already in use".
 */
export const strayContainerHook = (connection: Connection, app: string): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-stray-container`, async ({ newInputs }) => {
    const { name, networksAdvanced } = newInputs as ContainerInputs;
    await clear(connection, app, { kind: "container", name, address: networksAdvanced[0]?.ipv4Address ?? "" });
  });

/** The same for the app's network. */
export const strayNetworkHook = (connection: Connection, app: string): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-stray-network`, async () => {
    await clear(connection, app, { kind: "network", name: app });
  });
