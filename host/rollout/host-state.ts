import { z } from "zod";
import { parseRecords } from "./records";

const containerSchema = z.object({
  name: z.string(),
  release: z.string(),
  imageTag: z.string().nullable(),
  digest: z.string().nullable(),
  running: z.boolean(),
  /** Name of its environment file, without `.env`. */
  environment: z.string().nullable(),
  /** When its image was built, ISO 8601, and the image's size in bytes. */
  imageCreated: z.string(),
  imageSize: z.number(),
});

const hostStateSchema = z
  .object({
    /** Release that current.sock points to; empty before the first cutover. */
    active: z.string(),
    /** The rollback target: the last release of another tag that served. Empty without one. */
    previous: z.string(),
    /** A cutover that is not confirmed yet, and the release that served before. */
    unconfirmed: z.object({ from: z.string(), to: z.string() }).nullable(),
    /** Environment file that config/.env.production points to, without `.env`. */
    environment: z.string(),
    /** Releases whose socket accepts connections. */
    listening: z.array(z.string()),
    /** The newest deployment records, one per line. */
    records: z.string(),
    containers: z.array(containerSchema),
    /** Where each release's container listens: address:port. */
    targets: z.record(z.string(), z.string()),
  })
  .transform(({ records, ...state }) => ({ ...state, ...parseRecords(records) }));

/** The releases of an app on its server, as `rollout/observe.sh` prints them. */
export type HostState = z.output<typeof hostStateSchema>;

/** The container of a release. */
export type Container = HostState["containers"][number];

export const parseHostState = (text: string): HostState => hostStateSchema.parse(JSON.parse(text));

export const containerOf = (state: HostState, release: string) =>
  state.containers.find((container) => container.release === release);

/** The image tag of a release, also when its container was removed by hand; empty when nothing tells it. */
export const tagOf = (state: HostState, release: string): string =>
  containerOf(state, release)?.imageTag ??
  state.records.findLast((record) => record.release === release)?.imageTag ??
  "";

/** The image tag that serves now; empty when no release does. */
export const activeTag = (state: HostState): string =>
  state.active &&
  (tagOf(state, state.active) || (state.records.findLast(({ status }) => status === "success")?.imageTag ?? ""));

/** Whether a release serves as it should: linked, listening, running and with its own environment. */
export function isServing(state: HostState, release: string): boolean {
  const container = containerOf(state, release);
  return (
    state.active === release &&
    state.unconfirmed === null &&
    state.environment === container?.environment &&
    state.listening.includes(release) &&
    container.running
  );
}
