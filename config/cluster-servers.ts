import type { Connection } from "../host/connection";
import { sha256 } from "../host/sha256";
import type { Cluster } from "./cluster";

/** A server of a cluster. */
export interface ClusterServer {
  readonly name: string;
  readonly connection: Connection;
  readonly privateAddress: string;
  readonly role: "manager" | "worker";
  /** It does not answer, and this update goes on without it. */
  readonly isDown?: true;
}

/** Name of the server of `host` in a cluster. */
export const firstName = "host";

/** All servers of a cluster, that of `host` first. Login, identity and jump host are the same for all. Empty for one server. */
export function clusterServers({
  cluster,
  connection,
}: {
  readonly cluster?: Cluster | undefined;
  readonly connection: Connection;
}): ClusterServer[] {
  if (cluster === undefined) return [];
  const { privateAddress, nodes } = cluster;
  return [
    { name: firstName, connection, privateAddress, role: "manager" },
    ...nodes.map(({ name, host, hostKey, port = connection.port, ...rest }) => ({
      ...rest,
      name,
      connection: { ...connection, host, port, hostKey },
    })),
  ];
}

/** Names of the managers. */
export const managersOf = (servers: readonly Pick<ClusterServer, "name" | "role">[]): string[] =>
  servers.filter(({ role }) => role === "manager").map(({ name }) => name);

/** Whether these are more than half of the managers: without that Swarm changes nothing. */
export const isMajority = (left: readonly string[], managers: readonly string[]): boolean =>
  left.length * 2 > managers.length;

/** A name for the present servers: others have another one, whatever their order is. */
export const groupOf = (servers: readonly Pick<ClusterServer, "name">[]): string =>
  `servers-${sha256(JSON.stringify(servers.map(({ name }) => name).toSorted())).slice(0, 12)}`;
