import type { ClientRequest, IncomingMessage } from "node:http";
import { request, type Agent } from "node:https";
import type { Duplex } from "node:stream";
import { releaseOf, requestOptions, type Target } from "./target";

const defaultDeadlineMs = 10_000;

/**
 * The reason why a request has no answer: there was no connection; it was closed or reset after the request was sent; it
 * was closed in the middle of the answer; or nothing came for ten seconds.
 */
type LossKind = "connect" | "reset" | "truncated" | "timeout";

export interface Answered {
  readonly kind: "answered";
  readonly method: Method;
  readonly at: number;
  readonly status: number;
  readonly release: string;
  readonly latencyMs: number;
}

export interface Lost {
  readonly kind: LossKind;
  readonly method: Method;
  /** Time of the loss, milliseconds since the epoch. */
  readonly at: number;
  readonly error: string;
  /** 1 for the first request of a connection. */
  readonly requestNumber: number;
}

export type Exchange = Answered | Lost;
export type Method = "GET" | "POST";

const requestsOn = new WeakMap<Duplex, number>();

/** Progress of a request. It decides the kind of loss. */
interface Progress {
  requestNumber: number;
  isConnected: boolean;
  isAnswering: boolean;
  hasTimedOut: boolean;
}

function lossKind(progress: Progress): LossKind {
  if (progress.hasTimedOut) return "timeout";
  if (!progress.isConnected) return "connect";
  return progress.isAnswering ? "truncated" : "reset";
}

function follow(sent: ClientRequest, progress: Progress): void {
  sent.on("socket", (socket) => {
    progress.requestNumber = (requestsOn.get(socket) ?? 0) + 1;
    requestsOn.set(socket, progress.requestNumber);
    progress.isConnected = sent.reusedSocket;
    if (!sent.reusedSocket) {
      socket.once("secureConnect", () => {
        progress.isConnected = true;
      });
    }
  });
  sent.on("timeout", () => {
    progress.hasTimedOut = true;
    sent.destroy(new Error(`no answer within ${defaultDeadlineMs} ms`));
  });
}

/**
 * Sends one request on the agent's keep-alive connection, or on a new one when the server closed it before this request
 * was sent. It never sends a request twice: every error after the sending is a loss.
 */
export function exchange(options: {
  target: Target;
  agent: Agent;
  method: Method;
  path: string;
  body: string;
  deadlineMs?: number;
}): Promise<Exchange> {
  const { target, agent, method, path, body, deadlineMs = defaultDeadlineMs } = options;
  const progress: Progress = { requestNumber: 1, isConnected: false, isAnswering: false, hasTimedOut: false };
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const lose = ({ message }: Error): void => {
      resolve({
        kind: lossKind(progress),
        method,
        at: Date.now(),
        error: message,
        requestNumber: progress.requestNumber,
      });
    };
    const answer = (response: IncomingMessage): void => {
      progress.isAnswering = true;
      response.on("error", lose);
      response.on("end", () => {
        const latencyMs = performance.now() - startedAt;
        const release = releaseOf(response.headers);
        resolve({ kind: "answered", method, at: Date.now(), status: response.statusCode ?? 0, release, latencyMs });
      });
      response.resume();
    };
    const sent = request({ ...requestOptions(target), agent, method, path, timeout: deadlineMs }, answer);
    follow(sent, progress);
    sent.on("error", lose);
    sent.end(method === "POST" ? body : undefined);
  });
}
