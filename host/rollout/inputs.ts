import { z } from "zod";
import { connectionSchema } from "../connection";
import { keepAssetsSchema } from "./assets";

/** When a release counts as healthy. Defaults: docs/data-model.md section 6. */
export const gateSchema = z.object({
  path: z.string().startsWith("/").default("/api/health"),
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
  /** Checks in the body that must have the status `up`. */
  criticalChecks: z.array(z.string()).default(["database"]),
  /** Any body is healthy. Omit it where the body is a health status. */
  body: z.literal("any").optional(),
  /** The version that the endpoint must report, as `isVersion` compares it. Omit it to accept any. */
  version: z.string().optional(),
  /** The header that reports the version. Omit it where the body does. */
  versionHeader: z.string().optional(),
});

export const rolloutInputsSchema = z.object({
  connection: connectionSchema,
  /** Name of the app: its paths, units and labels start with it. */
  app: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** Public name of the site. */
  domain: z.string().min(1),
  /** Id of the release: names its container (`<app>-<release>`) and its socket. */
  release: z.string().regex(/^[0-9a-f]+$/),
  /** Port of the container on which the app listens. */
  port: z.number().int().min(1).max(65535),
  /** Requested image tag, and its digest. */
  image: z.object({
    repository: z.string(),
    tag: z.string().min(1),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  }),
  gate: gateSchema.prefault({}),
  /** How long the new release is watched after the switch. If it fails in this time, the cutover is reverted. */
  soakSeconds: z.number().min(0).max(3600).default(10),
  /** Beyond the soak: the server reverts a cutover that is not confirmed in this time. */
  confirmSeconds: z.number().int().min(30).max(600).default(60),
  /** Limit for the drain of the release that served, before it stops. */
  drainSeconds: z.number().min(0).default(30),
  /** From SIGTERM to SIGKILL. */
  stopSeconds: z.number().int().min(0).default(30),
  /** Maximum number of processes and threads in the container. */
  pidsLimit: z.number().int().positive().default(512),
  /** Number of image tags that served whose images stay on the server; docs/data-model.md section 1. */
  keepImages: z.number().int().min(2).default(5),
  /** Files of the image that outlive the release. Omit it to keep none. */
  keepAssets: keepAssetsSchema.optional(),
  /**
   * The servers of a cluster, the one of `connection` first, which is a manager. Undefined for one server. A rollout goes on
   * without a server that is down.
   */
  cluster: z
    .array(z.object({ name: z.string(), connection: connectionSchema, isDown: z.literal(true).optional() }))
    .optional(),
});

export type Gate = z.output<typeof gateSchema>;
export type RolloutInputs = z.output<typeof rolloutInputsSchema>;
