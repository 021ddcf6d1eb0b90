/** A version of a container package: one manifest or index of the registry. */
export interface Version {
  readonly id: number;
  readonly digest: string;
  readonly tags: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The versions that a version refers to: an index's manifests and attestations. A single manifest refers to none. */
export type Children = Readonly<Record<string, readonly string[]>>;

/** The active release and the rollback target, each with its reason. A reference is a tag or a digest. */
export type InUse = readonly { readonly reference: string; readonly reason: string }[];

/** One version's fate. */
interface Verdict {
  readonly version: Version;
  readonly keep: boolean;
  readonly reason: string;
}

export interface RetentionPlan {
  readonly verdicts: readonly Verdict[];
  /** Why nothing is deleted; undefined where the plan may be carried out. */
  readonly refusal?: string;
}

/** How many tagged versions stay, by age alone. */
export const kept = 5;

const newestFirst = (left: Version, right: Version): number => (left.createdAt < right.createdAt ? 1 : -1);

/** Reasons to keep a version that need no other version: its tag's age, or its use. */
function ownReasons(versions: readonly Version[], inUse: InUse): Map<string, string> {
  const tagged = versions.filter(({ tags }) => tags.length > 0).sort(newestFirst);
  const reasons = new Map(tagged.slice(0, kept).map(({ digest }) => [digest, `one of the newest ${kept}`]));
  for (const { reference, reason } of inUse) {
    const found = versions.find(({ digest, tags }) => digest === reference || tags.includes(reference));
    if (found) reasons.set(found.digest, reason);
  }
  return reasons;
}

/** Adds what the kept ones refer to, and what that refers to. */
function withChildren(reasons: Map<string, string>, children: Children): Map<string, string> {
  const open = [...reasons.keys()];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    for (const child of children[digest] ?? []) {
      if (reasons.has(child)) continue;
      reasons.set(child, `part of ${digest.slice(0, 19)}`);
      open.push(child);
    }
  }
  return reasons;
}

/** A cosign-style signature or attestation hangs on an image by its tag. */
function attachedTo({ tags }: Version): string | undefined {
  const match = tags.map((tag) => /^sha256-([0-9a-f]{64})/.exec(tag)).find(Boolean);
  return match?.[1] && `sha256:${match[1]}`;
}

/** An in-use image that the package does not have: then the list is not the whole truth, and nothing may be deleted. */
function missing(versions: readonly Version[], inUse: InUse): string | undefined {
  const known = new Set(versions.flatMap(({ digest, tags }) => [digest, ...tags]));
  const lost = inUse.filter(({ reference }) => !known.has(reference));
  return lost.length === 0 ? undefined : lost.map(({ reference, reason }) => `${reference} (${reason})`).join(", ");
}

/**
 * Decides about every version: the newest five tagged ones stay, whatever serves or is the rollback target, and every
 * part of all of those. With nothing known to be in use, or something in use that is not listed, all stay.
 */
export function planRetention(versions: readonly Version[], inUse: InUse, children: Children): RetentionPlan {
  const images = versions.filter((version) => attachedTo(version) === undefined);
  const reasons = withChildren(ownReasons(images, inUse), children);
  const verdicts = versions.map((version): Verdict => {
    const base = attachedTo(version);
    const reason = reasons.get(base ?? version.digest);
    if (reason === undefined) return { version, keep: false, reason: "neither new nor in use" };
    return { version, keep: true, reason: base === undefined ? reason : `attached to ${base.slice(0, 19)}` };
  });
  const refusal =
    inUse.length === 0
      ? "nothing is known to be deployed"
      : missing(versions, inUse) && `in use but not in the package: ${missing(versions, inUse) ?? ""}`;
  return refusal === undefined ? { verdicts } : { verdicts, refusal };
}

/** The plan as lines for a person, newest first, and what it comes to. */
export function renderPlan({ verdicts, refusal }: RetentionPlan, dryRun: boolean): string {
  const lines = [...verdicts]
    .sort((left, right) => newestFirst(left.version, right.version))
    .map(({ version, keep, reason }) => {
      const name = version.tags.join(",") || "untagged";
      return `${keep ? "keep  " : "delete"} ${version.digest.slice(0, 19)} ${version.createdAt} ${name}: ${reason}`;
    });
  const doomed = verdicts.filter(({ keep }) => !keep).length;
  const sum = `${verdicts.length - doomed} kept, ${doomed} to delete`;
  if (refusal !== undefined) return [...lines, `${sum}; nothing is deleted: ${refusal}`].join("\n");
  return [...lines, `${sum}${dryRun ? "; a dry run deletes nothing: --no-dry-run deletes" : ""}`].join("\n");
}
