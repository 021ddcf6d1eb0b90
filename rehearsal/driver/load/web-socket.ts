import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { releaseOf, requestOptions, type Target } from "./target";

const longestMs = 600_000;
const deadlineMs = 10_000;
const everyMs = 200;
const normalClosure = 1000;
const abnormalClosure = 1006;

export interface WebSocketReport {
  readonly release: string;
  readonly sent: number;
  /** Messages whose echo was equal and in order. */
  readonly echoed: number;
  readonly slowestEchoMs: number;
  /** `client` at `stop`; `server` for an orderly close; `lost` when the connection broke or an echo did not come. */
  readonly endedBy: "client" | "server" | "lost";
}

/** A socket, and the result after it has closed. */
interface Connection {
  readonly socket: WebSocket;
  readonly release: string;
  readonly closed: Promise<number>;
}

async function connect(target: Target): Promise<Connection> {
  const { host, port, servername, ca, headers } = requestOptions(target);
  const url = `wss://${host}:${port}/api/socket`;
  // The types of ws do not contain the server name, but ws passes it to the TLS connection.
  const options = { servername, ca, headers, handshakeTimeout: deadlineMs };
  const socket = new WebSocket(url, options);
  let release = "none";
  socket.on("upgrade", (response) => {
    release = releaseOf(response.headers);
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await once(socket, "open");
  // Without a listener ws throws the error. The close event that follows gives the reason.
  socket.on("error", () => undefined);
  return { socket, release, closed };
}

/** Duration of the echo; undefined when the echo was wrong or late, or when the socket closed. */
async function echo({ socket }: Connection, message: string): Promise<number | undefined> {
  const startedAt = performance.now();
  const arrived = once(socket, "message", { signal: AbortSignal.timeout(deadlineMs) });
  socket.send(message, () => undefined);
  const closing = once(socket, "close").then(() => []);
  const [answer] = (await Promise.race([arrived, closing]).catch(() => [])) as [Buffer?];
  arrived.catch(() => undefined);
  return answer?.toString() === message ? performance.now() - startedAt : undefined;
}

async function endOf({ socket, closed }: Connection, isMissingEcho: boolean): Promise<WebSocketReport["endedBy"]> {
  const isOpen = socket.readyState === WebSocket.OPEN;
  if (isOpen) socket.close(normalClosure);
  const code = await Promise.race([closed, sleep(deadlineMs, abnormalClosure, { ref: false })]);
  if (code === abnormalClosure) return "lost";
  if (isOpen) return isMissingEcho ? "lost" : "client";
  return "server";
}

/**
 * Sends a message to `/api/socket` every 200 ms and waits for its echo, until `stop` or the end of the connection; ten
 * minutes at most.
 * @throws Error when the connection cannot be made.
 */
export async function webSocket(target: Target, stopSignal: AbortSignal): Promise<WebSocketReport> {
  const stop = AbortSignal.any([stopSignal, AbortSignal.timeout(longestMs)]);
  const connection = await connect(target);
  const echoes: number[] = [];
  let sent = 0;
  while (!stop.aborted && connection.socket.readyState === WebSocket.OPEN && sent === echoes.length) {
    const latencyMs = await echo(connection, `message ${String(sent++)}`);
    if (latencyMs !== undefined) echoes.push(latencyMs);
    await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
  }
  const endedBy = await endOf(connection, sent > echoes.length);
  return {
    release: connection.release,
    sent,
    echoed: echoes.length,
    slowestEchoMs: Math.max(0, ...echoes),
    endedBy,
  };
}
