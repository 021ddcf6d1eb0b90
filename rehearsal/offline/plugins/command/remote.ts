import { setTimeout as delay } from "node:timers/promises";
import type { Client, ClientChannel, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import type { Connection } from "./connection";

const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 5000;
/** The connection is lost after three of these without an answer. */
const keepaliveMilliseconds = 15_000;

/** One command to run on a host. */
export interface RemoteCommand {
  readonly command: string;
  readonly stdin: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Called with each piece of output, as it comes. */
  readonly heard: (stream: "stdout" | "stderr", text: string) => void;
}

/** Output of a command, without the last line break of each stream. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command over an ssh connection of its own.
 * @throws Error with the command and all it wrote, in the real plugin's form, when its exit code is not 0.
 */
export async function runRemote(connection: Connection, remote: RemoteCommand): Promise<Output> {
  const client = await dial(connection);
  try {
    return await run(client, remote);
  } finally {
    client.end();
  }
}

async function dial(connection: Connection): Promise<Client> {
  let pause = firstPauseMilliseconds;
  for (let failed = 1; ; failed++) {
    try {
      return await dialOnce(connection);
    } catch (error) {
      if (connection.dialErrorLimit >= 0 && failed > connection.dialErrorLimit) {
        throw new Error(`after ${failed - 1} failed attempts: ${(error as Error).message}`, { cause: error });
      }
    }
    await delay(pause);
    pause = Math.min(pause * 1.5, longestPauseMilliseconds);
  }
}

async function dialOnce(connection: Connection): Promise<Client> {
  // Loaded at the first command only: most runs of the program have none.
  const { Client } = await import("ssh2");
  const client = new Client();
  const jump = connection.proxy && (await dialOnce(connection.proxy));
  const sock = jump && (await forward(jump, connection));
  return new Promise((resolve, reject) => {
    client.once("ready", () => {
      resolve(client);
    });
    client.once("close", () => jump?.end());
    // A refused login is followed by the reset of its connection: another error.
    client.on("error", (error) => {
      client.end();
      jump?.end();
      reject(new Error(`ssh: handshake failed: ${error.message}`, { cause: error }));
    });
    client.connect({ ...connectConfig(connection), ...(sock && { sock }) });
  });
}

/** A stream from the jump host to the server. */
const forward = (jump: Client, { host, port }: Connection): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    jump.forwardOut("127.0.0.1", 0, host, port, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });

function connectConfig(connection: Connection): ConnectConfig {
  const [kind, key] = connection.hostKey?.split(/\s+/) ?? [];
  const expected = key === undefined ? undefined : Buffer.from(key, "base64");
  return {
    host: connection.host,
    port: connection.port,
    username: connection.user,
    ...(connection.agent === undefined ? {} : { agent: connection.agent }),
    ...(connection.privateKey === undefined ? {} : { privateKey: connection.privateKey }),
    readyTimeout: connection.perDialTimeout * 1000,
    keepaliveInterval: keepaliveMilliseconds,
    hostVerifier: (offered: Buffer) => expected === undefined || offered.equals(expected),
    ...(kind === undefined ? {} : { algorithms: { serverHostKey: hostKeyAlgorithms(kind) } }),
  };
}

/** An RSA key signs under newer names than its own. */
function hostKeyAlgorithms(kind: string): ServerHostKeyAlgorithm[] {
  const names = kind === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [kind];
  return names as ServerHostKeyAlgorithm[];
}

async function run(client: Client, remote: RemoteCommand): Promise<Output> {
  const channel = await open(client, remote);
  const written = { stdout: "", stderr: "", both: "" };
  const listen = (stream: "stdout" | "stderr") => (text: string) => {
    written[stream] += text;
    written.both += text;
    remote.heard(stream, text);
  };
  channel.setEncoding("utf8").on("data", listen("stdout"));
  channel.stderr.setEncoding("utf8").on("data", listen("stderr"));
  channel.end(remote.stdin);
  const ending = await exitOf(client, channel);
  if (ending !== undefined) throw new Error(`${ending}: running ${JSON.stringify(remote.command)}:\n${written.both}`);
  return { stdout: written.stdout.replace(/\n$/, ""), stderr: written.stderr.replace(/\n$/, "") };
}

const open = (client: Client, remote: RemoteCommand): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    client.exec(remote.command, { env: remote.environment }, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });

/** Undefined for exit status 0, else how the command ended. */
const exitOf = (client: Client, channel: ClientChannel): Promise<string | undefined> =>
  new Promise((resolve) => {
    const lost = (): void => {
      resolve("wait: remote command exited without exit status or exit signal");
    };
    client.on("error", lost).once("close", lost);
    channel.once("close", (status: number | null | undefined, signal?: string) => {
      if (status === 0) resolve(undefined);
      else if (typeof status === "number") resolve(`Process exited with status ${status}`);
      else if (signal !== undefined) resolve(`Process exited with status 128 from signal ${signal}`);
      else lost();
    });
  });
