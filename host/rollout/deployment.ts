import { z } from "zod";
import { operator } from "../operator";

// `health_check` of docs/data-model.md section 1 is a phase of `in_progress` and is never stored.
const recordSchema = z.object({
  /** `deploy-<UTC time>`: sorts by time. */
  id: z.string(),
  commitSha: z.string(),
  imageTag: z.string(),
  status: z.enum(["pending", "in_progress", "success", "failed", "rolled_back"]),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** ISO 8601, UTC; empty while it runs. */
  completedAt: z.string(),
  healthCheckPassed: z.boolean(),
  /** Image tag that served before; empty at the first deployment. After a rollback: the tag that serves now. */
  previousVersion: z.string(),
  release: z.string(),
  digest: z.string(),
  /** When the image was built, ISO 8601; empty while it is not known. */
  imageCreated: z.string().default(""),
  /** Size of the image in bytes; 0 while it is not known. */
  imageSize: z.number().default(0),
  /** User and machine that ran it: user@machine. */
  by: z.string(),
  /** Milliseconds of each step that ran. */
  durationsMs: z.record(z.string(), z.number()),
  /** Why it failed or was rolled back; empty otherwise. */
  reason: z.string(),
  /** An operator rolled the tag back: a later deployment of it needs `-c force=<tag>`. */
  tagRefused: z.boolean().default(false),
});

/** Records of earlier versions of this program have `withdrawn` in the place of `tagRefused`. */
const withRefusal = (record: unknown): unknown =>
  typeof record === "object" && record !== null && "withdrawn" in record
    ? { tagRefused: record.withdrawn, ...record }
    : record;

/** A deployment record (docs/data-model.md section 1), also one that an earlier version of this program wrote. */
export const deploymentSchema = z.preprocess(withRefusal, recordSchema);

export type Deployment = z.infer<typeof deploymentSchema>;

/** A tag that is a commit: hexadecimal, at least as long as git's short form. */
export const isCommit = (tag: string): boolean => /^[0-9a-f]{7,40}$/.test(tag);

/** `deploy-20260102T030405678Z` for that instant. */
export const deploymentId = (at: Date): string => `deploy-${at.toISOString().replaceAll(/[-:.]/g, "")}`;

/** The record of a deployment that has not started yet. */
export const pendingDeployment = (
  of: Pick<Deployment, "imageTag" | "release" | "digest"> & Partial<Deployment>,
  at: Date,
): Deployment => ({
  commitSha: isCommit(of.imageTag) ? of.imageTag : "",
  completedAt: "",
  healthCheckPassed: false,
  previousVersion: "",
  imageCreated: "",
  imageSize: 0,
  by: operator(),
  durationsMs: {},
  reason: "",
  tagRefused: false,
  ...of,
  id: deploymentId(at),
  status: "pending",
  startedAt: at.toISOString(),
});

/** A deployment that ended now, with its final status. */
export const completed = (
  deployment: Deployment,
  status: "success" | "failed" | "rolled_back",
  reason: string,
  at: Date,
): Deployment => ({ ...deployment, status, reason, completedAt: at.toISOString() });
