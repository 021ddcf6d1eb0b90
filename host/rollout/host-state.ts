import { z } from "zod";
import { deploymentSchema } from "./deployment";

const containerSchema = z.object({
  name: z.string(),
  release: z.string().nullable(),
  imageTag: z.string().nullable(),
  digest: z.string().nullable(),
  running: z.boolean(),
  image: z.string(),
});

const hostStateSchema = z.object({
  /** Release that current.sock points to; empty before the first cutover. */
  active: z.string(),
  /** Release that served before it, the rollback target; empty when there is none. */
  previous: z.string(),
  /** A cutover that nobody has confirmed yet, and the release it came from. */
  unconfirmed: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** Release whose environment config/.env.production points to. */
  environment: z.string(),
  /** Releases whose socket accepts connections. */
  listening: z.array(z.string()),
  /** The newest deployments, oldest first. */
  records: z.array(deploymentSchema),
  containers: z.array(containerSchema),
  /** Where each release's container listens: address:port. */
  targets: z.record(z.string(), z.string()),
});

/** What runs of an app on its host, as `rollout/observe.sh` prints it. */
export type HostState = z.infer<typeof hostStateSchema>;

export const parseHostState = (text: string): HostState => hostStateSchema.parse(JSON.parse(text));

export const containerOf = (state: HostState, release: string) =>
  state.containers.find((container) => container.release === release);

/** The image tag that serves now: its container's label, else, when that was removed by hand, the last success. */
export function activeTag(state: HostState): string {
  if (!state.active) return "";
  const label = containerOf(state, state.active)?.imageTag;
  return label ?? state.records.findLast((record) => record.status === "success")?.imageTag ?? "";
}

/** Whether a release serves as it should: linked, listening, running and with its own environment. */
export const isServing = (state: HostState, release: string): boolean =>
  state.active === release &&
  state.unconfirmed === null &&
  state.environment === release &&
  state.listening.includes(release) &&
  containerOf(state, release)?.running === true;
