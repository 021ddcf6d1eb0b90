import { isMajority, managersOf, type ClusterServer } from "../config/cluster-servers";
import type { ClusterPlace } from "../host/nginx/peers";
import { userError } from "./user-error";

/** The place of a server among the others; undefined for one server. */
export const placeOf = (server: ClusterServer | undefined, all: readonly ClusterServer[]): ClusterPlace | undefined =>
  server && {
    privateAddress: server.privateAddress,
    peers: all.filter((other) => other !== server).map(({ privateAddress }) => privateAddress),
  };

/** A server that does not answer, and why. */
export interface DownServer {
  readonly name: string;
  readonly cause: string;
}

const wordsOf = (down: readonly DownServer[]): string => down.map(({ name, cause }) => `${name} (${cause})`).join(", ");

/**
 * The words of a warning about servers that do not answer; undefined without one.
 * @throws pulumi.RunError when the update cannot go on without them.
 */
export function warningOf(
  down: readonly DownServer[],
  all: readonly Pick<ClusterServer, "name" | "role">[],
  skips: boolean,
): string | undefined {
  if (down.length === 0) return undefined;
  const managers = managersOf(all);
  const answering = managers.filter((name) => down.every((one) => one.name !== name));
  const fact = `these servers of cluster.nodes do not answer: ${wordsOf(down)}`;
  if (!skips)
    throw userError(
      `${fact}\n  next: start them, or go on without them: pulumi config set --path cluster.skipUnreachable true`,
    );
  if (!isMajority(answering, managers))
    throw userError(
      `${fact}; ${answering.length} of ${managers.length} managers are left, and more than half must run\n  next: start them, then run \`pulumi up\` again; nothing was changed`,
    );
  return `${fact}. This update goes on without them. When they are back, run \`pulumi up\` again`;
}
