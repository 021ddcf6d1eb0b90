import { z } from "zod";
import type { Command } from "../shell";

const counts = {
  /** Value of the response header X-Release; empty where the app sends none. */
  release: z.string(),
  requests: z.int(),
  /** Responses with the status 500 to 599. */
  errors: z.int(),
};

/** The requests of a site in nginx's access log, as `report/traffic.sh` prints them. Times are seconds since 1970. */
const trafficSchema = z.object({
  periodSeconds: z.int(),
  /** False when the log is larger than the part that was read. */
  complete: z.boolean(),
  periods: z.array(z.object({ at: z.int(), ...counts })),
  /** Requests by their duration: `step` 4 n is 2^n milliseconds. */
  latency: z.array(z.object({ at: z.int(), step: z.int(), requests: z.int() })),
  /** Requests around a cutover. `offset`: the first of five seconds, from -60 on, relative to the switch. */
  cutovers: z.array(z.object({ cutover: z.int(), offset: z.int(), ...counts })),
});

export type Traffic = z.output<typeof trafficSchema>;

/** The part of the log that a report reads at most: some hundred thousand requests, in a second or two. */
const logBytes = 64 * 1024 * 1024;

/** Counts the requests of the last days. @param cutovers seconds since 1970. */
export const readTraffic = (
  app: string,
  names: readonly string[],
  days: number,
  cutovers: readonly number[],
  seconds: number,
): Command => ({
  operation: "read the access log of",
  target: app,
  script: "report/traffic.sh",
  args: [String(days), String(logBytes), cutovers.join(","), ...names],
  timeoutSeconds: seconds,
  hint: "on the server: ls -l /var/log/nginx; the site writes access.log",
});

export const parseTraffic = (text: string): Traffic => trafficSchema.parse(JSON.parse(text));
