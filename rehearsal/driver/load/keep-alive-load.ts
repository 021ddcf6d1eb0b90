import { setMaxListeners } from "node:events";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange, type Exchange, type Method } from "./exchange";
import { loadReport, type LoadReport } from "./load-report";
import { requestOptions, type Target } from "./target";

const longestMs = 600_000;
const mostRequests = 2_000_000;
const pauseAfterLossMs = 50;
const postBody = "a small body of a POST request";

export interface KeepAliveLoad {
  readonly target: Target;
  /** Number of clients. Each has one connection and one request in progress. @default 50 */
  readonly clients?: number;
  /** Share of POST requests, from 0 to 1. @default 0.5 */
  readonly postShare?: number;
  /** Path of every request, GET or POST. @default "/api/echo" */
  readonly path?: string;
  /** Pause of a client between an answer and its next request. @default 0 */
  readonly pauseMs?: number;
  /** Time limit of an answer, in milliseconds. @default 10,000 */
  readonly deadlineMs?: number;
  /** Ends the load. Requests in progress complete. `AbortSignal.timeout(n)` ends it after n milliseconds. */
  readonly stop: AbortSignal;
}

/** POST and GET spread evenly in the given share. */
export const methodOf = (index: number, postShare: number): Method =>
  Math.floor((index + 1) * postShare) > Math.floor(index * postShare) ? "POST" : "GET";

/**
 * Sends requests to a site with keep-alive clients, and reports every request without a complete answer. No
 * request is repeated. Ends at `stop`, after ten minutes, or after two million requests.
 */
export async function keepAliveLoad(options: KeepAliveLoad): Promise<LoadReport> {
  const { target, clients = 50, postShare = 0.5, path = "/api/echo", pauseMs = 0 } = options;
  requestOptions(target);
  const stop = AbortSignal.any([options.stop, AbortSignal.timeout(longestMs)]);
  // Every client waits for it between its requests.
  setMaxListeners(clients + 1, stop);
  const deadline = options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs };
  const exchanges: Exchange[] = [];

  async function client(number: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = number; !stop.aborted && exchanges.length < mostRequests; index++) {
      const done = await exchange({
        target,
        agent,
        method: methodOf(index, postShare),
        path,
        body: postBody,
        ...deadline,
      });
      exchanges.push(done);
      const pause = done.kind === "answered" ? pauseMs : Math.max(pauseMs, pauseAfterLossMs);
      if (pause > 0) await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
    agent.destroy();
  }

  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return loadReport(exchanges);
}
