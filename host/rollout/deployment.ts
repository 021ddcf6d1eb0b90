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

/** Image of a release that served. */
export interface ServedImage {
  readonly tag: string;
  readonly digest: string;
}

const releasesKept = 5;

/** A tag that is a commit: hexadecimal, at least as long as git's short form. */
export const isCommit = (tag: string): boolean => /^[0-9a-f]{7,40}$/.test(tag);

/** `deploy-20260102T030405678Z` for that instant. */
export const deploymentId = (at: Date): string => `deploy-${at.toISOString().replaceAll(/[-:.]/g, "")}`;

/** The record of a deployment that starts now. */
export const begun = (
  of: Pick<Deployment, "imageTag" | "previousVersion" | "release" | "digest" | "tagRefused">,
  at: Date,
): Deployment => ({
  ...of,
  id: deploymentId(at),
  commitSha: isCommit(of.imageTag) ? of.imageTag : "",
  status: "in_progress",
  startedAt: at.toISOString(),
  completedAt: "",
  healthCheckPassed: false,
  by: operator(),
  durationsMs: {},
  reason: "",
});

/** A tag that an operator rolled back, and the tag that serves instead. */
export interface RolledBackTag {
  readonly tag: string;
  readonly serving: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason: string;
}

/** The tags that operators rolled back and that have not succeeded since. */
export function rolledBackTags(records: readonly Deployment[]): RolledBackTag[] {
  const byTag = new Map<string, Deployment>();
  for (const record of records)
    if (record.status === "success" || (record.status === "rolled_back" && record.tagRefused))
      byTag.set(record.imageTag, record);
  return [...byTag.values()]
    .filter(({ status }) => status === "rolled_back")
    .map(({ imageTag, previousVersion, by, completedAt, reason }) => ({
      tag: imageTag,
      serving: previousVersion,
      by,
      at: completedAt,
      reason,
    }));
}

/** The five image tags that succeeded last, newest first, each once, with its digest at that time. */
export function servedImages(records: readonly Deployment[]): ServedImage[] {
  const newest = records.filter((record) => record.status === "success").toReversed();
  const byTag = new Map<string, string>();
  for (const { imageTag, digest } of newest) if (!byTag.has(imageTag)) byTag.set(imageTag, digest);
  return [...byTag].slice(0, releasesKept).map(([tag, digest]) => ({ tag, digest }));
}
