import { z } from "zod";
import { gateSchema, type Gate } from "../host/rollout/inputs";
import { isCommit } from "../host/rollout/version";

const { deadlineSeconds, answerSeconds, retries, retrySeconds, successes } = gateSchema.shape;

const fields = z.strictObject({
  path: z
    .string()
    .startsWith("/", "a path that begins with /")
    .default("/api/health")
    .describe("Path of the health endpoint. The gate, nginx and a restore ask it."),
  style: z
    .enum(["status", "http"])
    .default("status")
    .describe(
      "`status`: the body is the JSON of [data-model.md section 1](data-model.md#1-configuration-entities). `http`: any answer with the status 200 is healthy.",
    ),
  critical: z
    .array(z.string().min(1))
    .optional()
    .describe(
      "Checks in the body that must have the status `up`. Without it: `database` for the style `status`, none for `http`.",
    ),
  version: z
    .enum(["body", "header", "none"])
    .optional()
    .describe(
      "Where the answer says which version runs. The gate compares it with the image tag. Without it: `body` for the style `status`, `none` for `http`.",
    ),
  versionHeader: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, "the name of a header")
    .default("X-Version")
    .describe("Header that has the version, where `version` is `header`."),
  otherTags: z
    .enum(["whole", "ignore"])
    .default("whole")
    .describe(
      "An image tag that is no commit. `whole`: the version must be equal to it. `ignore`: it is not compared.",
    ),
  deadlineSeconds,
  answerSeconds,
  retries,
  retrySeconds,
  successes,
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Command in the container by which Docker knows the app's health, shown by `docker ps` only. Omit it for none, or for the image's own.",
    ),
});

export const healthSchema = fields
  .prefault({})
  .transform(({ critical, version, ...health }) => ({
    ...health,
    critical: critical ?? (health.style === "status" ? ["database"] : []),
    version: version ?? (health.style === "status" ? ("body" as const) : ("none" as const)),
  }))
  .describe("How the app says that it is healthy. Read by the gate, nginx, `ops status` and a restore.");

/** How the app says that it is healthy. */
export type Health = z.output<typeof healthSchema>;

/** The contradictions in the section. */
export function healthProblems({ style, critical, version }: Health): string[] {
  if (style === "status") return [];
  return [
    ...(critical.length > 0
      ? [
          "health.critical: the style http has no checks\n    try: pulumi config set --path 'health.style' status, or: pulumi config rm --path 'health.critical'",
        ]
      : []),
    ...(version === "body"
      ? [
          "health.version: the body of the style http has no version\n    try: pulumi config set --path 'health.version' header (or none)",
        ]
      : []),
  ];
}

/** The health check of a release with this image tag: the one value that decides whether a release is healthy. */
export function gateOf(health: Health, tag: string): Gate {
  const { path, style, critical, version, versionHeader, otherTags, ...limits } = health;
  const isCompared = version !== "none" && (otherTags === "whole" || isCommit(tag));
  return gateSchema.parse({
    path,
    deadlineSeconds: limits.deadlineSeconds,
    answerSeconds: limits.answerSeconds,
    retries: limits.retries,
    retrySeconds: limits.retrySeconds,
    successes: limits.successes,
    criticalChecks: critical,
    ...(style === "http" && { body: "any" }),
    ...(isCompared && { version: tag }),
    ...(isCompared && version === "header" && { versionHeader }),
  });
}
