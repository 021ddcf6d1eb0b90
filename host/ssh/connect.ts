import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import type { Connection } from "../connection";
import { HostError } from "../host-error";

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

/** The cause and the next step for a failed connection, from the error of the ssh library. */
export function explainConnectFailure(
  error: Error & { level?: string; code?: string | number },
  connection: Connection,
) {
  const { host, port, user } = connection;
  if (error.message.includes("Host denied") || error.message.includes("no matching host key")) {
    return {
      cause: "the server's host key is not the pinned one",
      hint: `compare with \`ssh-keyscan -p ${port} ${host}\` over a trusted connection; if the server was reinstalled, set the new key as host.hostKey`,
    };
  }
  if (error.level === "client-authentication") {
    return {
      cause: `the server refused every key of the ssh agent for user ${user}`,
      hint: `\`ssh-add -l\` lists the agent's keys; add one that ${user}@${host} accepts with \`ssh-add\``,
    };
  }
  if (/too many authentication failures/i.test(error.message)) {
    return {
      cause: `the ssh agent offered more keys than the host's MaxAuthTries allows, before the right one`,
      hint: `keep only the server's key in the agent: \`ssh-add -l\` lists them, \`ssh-add -D\` removes all, then \`ssh-add <key file>\``,
    };
  }
  return {
    // A number is a reason code of the protocol, which says less than the message.
    cause: typeof error.code === "string" ? error.code : error.message,
    hint: `check that \`ssh -p ${port} ${user}@${host} true\` works on this machine`,
  };
}

function failure(connection: Connection, parts: { cause: string; hint: string }): HostError {
  const { host, port, user } = connection;
  return new HostError({ operation: "connect to", target: `${user}@${host}:${port}`, ...parts });
}

function agentSocket(connection: Connection): string {
  const socket = process.env["SSH_AUTH_SOCK"];
  if (socket) return socket;
  throw failure(connection, {
    cause: "no ssh agent: SSH_AUTH_SOCK is not set",
    hint: "start one and add your key: `eval $(ssh-agent) && ssh-add`",
  });
}

function clientConfig(connection: Connection): ConnectConfig {
  const pinned = Buffer.from(connection.hostKey.split(" ")[1] ?? "", "base64");
  return {
    host: connection.host,
    port: connection.port,
    username: connection.user,
    agent: agentSocket(connection),
    // Without the method "none", which only lists the methods of the server and takes a round trip.
    authHandler: ["agent"],
    hostVerifier: (key: Buffer) => key.equals(pinned),
    algorithms: { serverHostKey: algorithmsOf(connection.hostKey) },
    readyTimeout: readyTimeoutSeconds * secondsMs,
    keepaliveInterval: keepaliveSeconds * secondsMs,
    keepaliveCountMax: keepaliveCount,
  };
}

/**
 * Opens one ssh connection. The host key is pinned, the agent authenticates, and every phase has a time limit.
 * @throws HostError with one of four causes: no agent, no accepted key, wrong host key, unreachable server.
 */
export function connect(connection: Connection): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => {
      client.setNoDelay(true);
      resolve(client);
    });
    client.on("error", (error) => {
      reject(failure(connection, explainConnectFailure(error, connection)));
    });
    client.connect(clientConfig(connection));
  });
}
