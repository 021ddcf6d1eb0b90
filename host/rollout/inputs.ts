import { z } from "zod";
import { connectionSchema } from "../connection";

/** When a release counts as healthy. Defaults: docs/data-model.md section 6. */
export const gateSchema = z.object({
  path: z.string().startsWith("/").default("/api/health").describe("Path of the health endpoint."),
  deadlineSeconds: z
    .number()
    .positive()
    .default(60)
    .describe("Time limit of the whole gate. It includes the start of the app."),
  answerSeconds: z.number().positive().max(30).default(30).describe("Time limit of one answer."),
  retries: z
    .number()
    .int()
    .min(0)
    .default(3)
    .describe("Number of retries after a failed answer. A good answer resets the count."),
  retrySeconds: z.number().min(0).default(2).describe("Pause before a retry."),
  successes: z.number().int().min(1).default(2).describe("Number of healthy answers in a row that the gate needs."),
  criticalChecks: z
    .array(z.string())
    .default(["database"])
    .describe("Checks in the answer that must have the status `up`."),
  /** The commit that the endpoint must report, or at least its first seven characters. Omit to accept any. */
  version: z.string().optional(),
});

export const rolloutInputsSchema = z.object({
  connection: connectionSchema,
  /** Name of the app: its paths, units and labels start with it. */
  app: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** Public name of the site. */
  domain: z.string().min(1),
  /** Id of the release: names its container (`<app>-<release>`), socket and environment file. */
  release: z.string().regex(/^[0-9a-f]+$/),
  /** Where the release's container listens, on the app's own Docker network. */
  target: z.object({ address: z.ipv4(), port: z.number().int().min(1).max(65535) }),
  /** Tag the release was asked for by, and the digest it stands for. */
  image: z.object({
    repository: z.string(),
    tag: z.string().min(1),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  }),
  gate: gateSchema.prefault({}),
  /** How long the new release is watched after the cutover; on trouble traffic moves back. */
  soakSeconds: z.number().min(0).max(3600).default(10),
  /** Beyond the soak: the host takes a cutover back that is not confirmed in this time, whoever died. */
  confirmSeconds: z.number().int().min(30).max(600).default(60),
  /** How long the old release may finish what is in flight before it is stopped. */
  drainSeconds: z.number().min(0).default(30),
  /** From SIGTERM to SIGKILL. */
  stopSeconds: z.number().int().min(0).default(30),
  /** Processes and threads a container may have. */
  pidsLimit: z.number().int().positive().default(512),
  /** Images of the repository that stay on the host; docs/data-model.md section 1. */
  keepImages: z.number().int().min(2).default(5),
});

export type Gate = z.output<typeof gateSchema>;
export type RolloutInputs = z.output<typeof rolloutInputsSchema>;
