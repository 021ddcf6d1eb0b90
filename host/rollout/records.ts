import { deploymentSchema, type Deployment } from "./deployment";

/** The deployment records of a server, oldest first. */
export interface Records {
  readonly records: readonly Deployment[];
  /** File names of records that cannot be read, such as one that a power cut left half written. */
  readonly unreadableRecords: readonly string[];
}

function parseRecord(text: string): Deployment | undefined {
  try {
    return deploymentSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Parses records one by one, as the scripts print them: one per line, the file's name and its content with a tab between. */
export function parseRecords(lines: string): Records {
  const records: Deployment[] = [];
  const unreadableRecords: string[] = [];
  for (const line of lines.split("\n").filter(Boolean)) {
    const [file = "", text = ""] = line.split(/\t(.*)/s, 2);
    const record = parseRecord(text);
    if (record) records.push(record);
    else unreadableRecords.push(file);
  }
  return { records, unreadableRecords };
}

/** One warning per unreadable record, with the next command. */
export const recordWarnings = (app: string, { unreadableRecords }: Pick<Records, "unreadableRecords">): string[] =>
  unreadableRecords.map((file) => {
    const path = `/var/lib/${app}/deployments/${file}`;
    return `deployment record ${path} cannot be read and is ignored; look at it on the server, then delete it: rm ${path}`;
  });

/** Image of a release that served. */
export interface ServedImage {
  readonly tag: string;
  readonly digest: string;
}

/** The image tags that succeeded last, newest first, each once, with its digest at that time. */
export function servedImages(records: readonly Deployment[], count = 5): ServedImage[] {
  const newest = records.filter((record) => record.status === "success").toReversed();
  const byTag = new Map<string, string>();
  for (const { imageTag, digest } of newest) if (!byTag.has(imageTag)) byTag.set(imageTag, digest);
  return [...byTag].slice(0, count).map(([tag, digest]) => ({ tag, digest }));
}

/** The tag that serves after a deployment; empty when the deployment did not change it. */
function servingAfter({ status, imageTag, previousVersion, release }: Deployment, active: string): string {
  switch (status) {
    case "success":
      return imageTag;
    case "rolled_back":
      return previousVersion;
    case "pending":
    case "in_progress":
    case "failed":
      // A run that ended after the confirm has no final status, or `failed`, and its release serves.
      return release === active ? imageTag : "";
  }
}

/**
 * The image that serves, by the records. `active` is the release that the server's link names, after the revert of an
 * unconfirmed cutover. A link that was moved by hand, without a record, decides nothing. The digest is empty when no record
 * tells it.
 */
export function servingImage(records: readonly Deployment[], active: string): ServedImage | undefined {
  if (!active) return undefined;
  const newest = records.toReversed();
  const tag = newest.map((record) => servingAfter(record, active)).find(Boolean);
  const digest = newest.find((record) => record.imageTag === tag && record.digest)?.digest;
  return tag ? { tag, digest: digest ?? "" } : undefined;
}

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

/** The deployments that never got a final status. Whoever holds the lock knows that their runs are dead. */
export const interruptedDeployments = (records: readonly Deployment[], own: Deployment): Deployment[] =>
  records.filter(({ id, status }) => id !== own.id && (status === "pending" || status === "in_progress"));
