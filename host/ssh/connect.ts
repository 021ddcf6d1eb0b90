import type { Duplex } from "node:stream";
import { Client, type BaseAgent, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { jumpOf, type Connection } from "../connection";
import { HostError } from "../host-error";
import { OneKeyAgent } from "./one-key-agent";

const secondsMs = 1000;
/** Limit from the first packet to a usable connection: eight times the 8 round trips at 300 ms. */
const readyTimeoutSeconds = 20;
/** A dead connection without RST is detected after interval x count = 15 s. */
const keepaliveSeconds = 5;
const keepaliveCount = 3;

/** The signature algorithms that use a host key of this type, so that the server offers the pinned key and no other. */
function algorithmsOf(hostKey: string): ServerHostKeyAlgorithm[] {
  const type = hostKey.split(" ")[0] ?? "";
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ServerHostKeyAlgorithm];
}

/** The server does not answer: it is off, or the network to it is broken. */
export class Unreachable extends HostError {}

/** A connection, or the one to its jump host. */
type Hop = Connection & { readonly isJump?: boolean };

function refusedKeys({ host, user, identity }: Hop) {
  if (identity === undefined)
    return {
      cause: `the server refused every key of the ssh agent for user ${user}`,
      hint: `\`ssh-add -l\` lists the agent's keys; add one that ${user}@${host} accepts with \`ssh-add\``,
    };
  return {
    cause: `the ssh agent does not have the key of host.identity, or the server refuses it for user ${user}`,
    hint: `\`ssh-add -L\` lists the agent's keys; add the key with \`ssh-add <key file>\`, or choose another one as host.identity`,
  };
}

/** The cause and the next step for a failed connection, from the error of the ssh library. */
export function explainConnectFailure(error: Error & { level?: string; code?: string | number }, connection: Hop) {
  const { host, port, user } = connection;
  if (error.message.includes("Host denied") || error.message.includes("no matching host key")) {
    return {
      cause: "the server's host key is not the pinned one",
      hint: `compare with \`ssh-keyscan -p ${port} ${host}\` over a trusted connection; if the server was reinstalled, set the new key as host.hostKey`,
    };
  }
  if (error.level === "client-authentication") return refusedKeys(connection);
  if (/too many authentication failures/i.test(error.message)) {
    return {
      cause: `the ssh agent offered more keys than the host's MaxAuthTries allows, before the right one`,
      hint: `choose the key: \`ssh-add -L\` lists them, then pulumi config set --path ${connection.isJump ? "host.jump.identity" : "host.identity"} "<the key's line>"; or keep one key in the agent: \`ssh-add -D\`, then \`ssh-add <key file>\``,
    };
  }
  return {
    isUnreachable: connection.isJump !== true,
    // A number is a reason code of the protocol, which says less than the message.
    cause: typeof error.code === "string" ? error.code : error.message,
    hint: `check that \`ssh -p ${port} ${user}@${host} true\` works on this machine`,
  };
}

function failure(connection: Hop, parts: { cause: string; hint: string; isUnreachable?: boolean }): HostError {
  const { host, port, user } = connection;
  const { isUnreachable, ...rest } = parts;
  const operation = connection.isJump ? "connect to the jump host" : "connect to";
  const Kind = isUnreachable ? Unreachable : HostError;
  return new Kind({ operation, target: `${user}@${host}:${port}`, ...rest });
}

function agentSocket(connection: Connection): string {
  const socket = process.env["SSH_AUTH_SOCK"];
  if (socket) return socket;
  throw failure(connection, {
    cause: "no ssh agent: SSH_AUTH_SOCK is not set",
    hint: "start one and add your key: `eval $(ssh-agent) && ssh-add`",
  });
}

function agentOf(connection: Connection): string | BaseAgent {
  const socket = agentSocket(connection);
  // The declaration of ssh2 wants a callback of a wider type than its own agent has.
  return connection.identity === undefined ? socket : new OneKeyAgent(socket, connection.identity);
}

function clientConfig(connection: Connection): ConnectConfig {
  const pinned = Buffer.from(connection.hostKey.split(" ")[1] ?? "", "base64");
  return {
    host: connection.host,
    port: connection.port,
    username: connection.user,
    agent: agentOf(connection),
    // Without the method "none", which only lists the methods of the server and takes a round trip.
    authHandler: ["agent"],
    hostVerifier: (key: Buffer) => key.equals(pinned),
    algorithms: { serverHostKey: algorithmsOf(connection.hostKey) },
    readyTimeout: readyTimeoutSeconds * secondsMs,
    keepaliveInterval: keepaliveSeconds * secondsMs,
    keepaliveCountMax: keepaliveCount,
  };
}

function open(connection: Hop, sock?: Duplex): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => {
      if (sock === undefined) client.setNoDelay(true);
      resolve(client);
    });
    client.on("error", (error) => {
      reject(failure(connection, explainConnectFailure(error, connection)));
    });
    client.connect({ ...clientConfig(connection), ...(sock && { sock }) });
  });
}

/** A stream to the server's ssh port through a jump host, and the connection that carries it. */
async function throughJump(connection: Connection, jump: Connection): Promise<{ stream: Duplex; carrier: Client }> {
  const carrier = await open({ ...jump, isJump: true });
  const { host, port } = connection;
  return new Promise((resolve, reject) => {
    carrier.forwardOut("127.0.0.1", 0, host, port, (error, stream) => {
      if (!error) {
        resolve({ stream, carrier });
        return;
      }
      carrier.end();
      const cause = `the jump host ${jump.host} does not reach it: ${error.message}`;
      const hint = `check on the jump host: nc -zv ${host} ${port}, and AllowTcpForwarding in its sshd_config`;
      reject(failure(connection, { cause, hint, isUnreachable: true }));
    });
  });
}

/**
 * Opens one ssh connection, through the jump host if there is one. Each host key is pinned, the agent authenticates, and
 * every phase has a time limit.
 * @throws HostError with one of four causes: no agent, no accepted key, wrong host key, unreachable server.
 */
export async function connect(connection: Connection): Promise<Client> {
  const jump = jumpOf(connection);
  if (jump === undefined) return open(connection);
  const { stream, carrier } = await throughJump(connection, jump);
  try {
    const client = await open(connection, stream);
    client.once("close", () => carrier.end());
    return client;
  } catch (error) {
    carrier.end();
    throw error;
  }
}
