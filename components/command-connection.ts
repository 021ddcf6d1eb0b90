import type { types } from "@pulumi/command";
import { jumpOf, type Connection } from "../host/connection";
import { agentPath } from "../host/ssh/identity-file";

const served = new Map<string, Promise<string>>();

async function serve(publicKey: string, path: string): Promise<string> {
  const agent = process.env["SSH_AUTH_SOCK"];
  if (!agent) return path;
  // Loaded here because few stacks need it.
  const { OneKeyAgent, serveAgent } = await import("../host/ssh/one-key-agent");
  await serveAgent(new OneKeyAgent(agent, publicKey), path);
  return path;
}

/** Serves the agent's key to the command plugin, which cannot choose among the keys of an agent. */
function agentOf(publicKey: string): Promise<string> {
  const path = agentPath(publicKey);
  const socket = served.get(path) ?? serve(publicKey, path);
  served.set(path, socket);
  return socket;
}

const hop = ({ host, port, user, hostKey, identity }: Omit<Connection, "jump">) => ({
  ...{ host, port, user, hostKey },
  ...(identity !== undefined && { agentSocketPath: agentOf(identity) }),
});

/** The connection for the command plugin: the same key, host keys and jump host as the program's own. */
export function commandConnection(connection: Connection): types.input.remote.ConnectionArgs {
  const jump = jumpOf(connection);
  return { ...hop(connection), ...(jump !== undefined && { proxy: hop(jump) }) };
}
