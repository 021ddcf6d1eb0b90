import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { z } from "zod";
import { requestOptions, type Target } from "./target";

const longestMs = 600_000;
const connectMs = 10_000;

export interface StreamReport {
  /** The releases that sent events, in order of appearance. */
  readonly releases: readonly string[];
  readonly events: number;
  /** Numbers that are missing between the first event and the last. */
  readonly missing: readonly number[];
  readonly longestSilenceMs: number;
  /** Time of the last event, milliseconds since the epoch. */
  readonly lastAt: number;
  /** `client` at `stop`; `server` for an orderly end; `lost` when the connection broke. */
  readonly endedBy: "client" | "server" | "lost";
}

interface StreamEvent {
  readonly version: string;
  readonly number: number;
  readonly at: number;
}

const eventData = z.object({ version: z.string(), number: z.number() });

/** The result of a stream, from its events. */
export function streamReport(events: readonly StreamEvent[], endedBy: StreamReport["endedBy"]): StreamReport {
  const seen = new Set(events.map(({ number }) => number));
  const expected = Array.from({ length: (events.at(-1)?.number ?? -1) + 1 }, (_, number) => number);
  const silences = events.slice(1).map(({ at }, index) => at - (events[index]?.at ?? at));
  return {
    releases: [...new Set(events.map(({ version }) => version))],
    events: events.length,
    missing: expected.filter((number) => !seen.has(number)),
    longestSilenceMs: Math.max(0, ...silences),
    lastAt: events.at(-1)?.at ?? 0,
    endedBy,
  };
}

async function readEvents(response: IncomingMessage, events: StreamEvent[]): Promise<void> {
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const blocks = (rest + String(chunk)).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      events.push({ ...eventData.parse(JSON.parse(block.replace(/^data: /, ""))), at: Date.now() });
    }
  }
}

const open = (target: Target, stop: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options = { ...requestOptions(target), path: "/api/events", agent: false as const, signal: stop };
    const sent = request(options, resolve);
    sent.on("error", reject);
    const deadline = setTimeout(() => sent.destroy(new Error(`no event stream within ${connectMs} ms`)), connectMs);
    sent.on("response", () => {
      clearTimeout(deadline);
    });
    sent.on("error", () => {
      clearTimeout(deadline);
    });
    sent.end();
  });

/**
 * Reads the server-sent events of `/api/events` until the stream ends, breaks, or `stop`; ten minutes at most.
 * @throws Error when it cannot be opened, or when the status is not 200.
 */
export async function eventStream(target: Target, stopSignal: AbortSignal): Promise<StreamReport> {
  const stop = AbortSignal.any([stopSignal, AbortSignal.timeout(longestMs)]);
  const response = await open(target, stop);
  if (response.statusCode !== 200) throw new Error(`event stream answered ${response.statusCode ?? 0}`);
  const events: StreamEvent[] = [];
  const endedBy = await readEvents(response, events).then(
    () => "server" as const,
    () => (stop.aborted ? ("client" as const) : ("lost" as const)),
  );
  return streamReport(events, endedBy);
}
