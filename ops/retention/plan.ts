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

/** The versions whose manifest cannot be read, by their digest, each with the cause. */
export type Unreadable = Readonly<Record<string, string>>;

/** The active release and the rollback target, each with its reason. A reference is a tag or a digest. */
export type InUse = readonly { readonly reference: string; readonly reason: string }[];

/** The decision about one version, with its reason. */
interface Verdict {
  readonly version: Version;
  readonly keep: boolean;
  readonly reason: string;
}

export interface RetentionPlan {
  readonly verdicts: readonly Verdict[];
  /** The reason why nothing is deleted; undefined when the plan can be carried out. */
  readonly refusal?: string;
}

/** Number of the newest tagged versions that are kept. */
export const kept = 5;

const newestFirst = (left: Version, right: Version): number => (left.createdAt < right.createdAt ? 1 : -1);

/** Reasons to keep a version for itself: its age or its use. */
function ownReasons(versions: readonly Version[], inUse: InUse): Map<string, string> {
  const tagged = versions.filter(({ tags }) => tags.length > 0).sort(newestFirst);
  const reasons = new Map(tagged.slice(0, kept).map(({ digest }) => [digest, `one of the newest ${kept}`]));
  for (const { reference, reason } of inUse) {
    const found = versions.find(({ digest, tags }) => digest === reference || tags.includes(reference));
    if (found) reasons.set(found.digest, reason);
  }
  return reasons;
}

/**
 * Reasons to keep a version because another one, or its own manifest, cannot be read: an untagged version may be a part
 * of it.
 */
function careReasons(versions: readonly Version[], unreadable: Unreadable): [digest: string, reason: string][] {
  const [first] = Object.keys(unreadable);
  if (first === undefined) return [];
  return versions.flatMap(({ digest, tags }): [string, string][] => {
    const cause = unreadable[digest];
    if (cause !== undefined) return [[digest, `its manifest cannot be read: ${cause}`]];
    return tags.length === 0 ? [[digest, `perhaps a part of ${first.slice(0, 19)}, which cannot be read`]] : [];
  });
}

/** Adds all versions that the kept versions refer to, directly or not. */
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

/** The image of a signature or attestation in the style of cosign: its tag contains the digest of the image. */
function attachedTo({ tags }: Version): string | undefined {
  const match = tags.map((tag) => /^sha256-([0-9a-f]{64})/.exec(tag)).find(Boolean);
  return match?.[1] && `sha256:${match[1]}`;
}

/** The images that are in use and not in the list. Then the list is incomplete, and nothing may be deleted. */
function missing(versions: readonly Version[], inUse: InUse): string | undefined {
  const known = new Set(versions.flatMap(({ digest, tags }) => [digest, ...tags]));
  const lost = inUse.filter(({ reference }) => !known.has(reference));
  return lost.length === 0 ? undefined : lost.map(({ reference, reason }) => `${reference} (${reason})`).join(", ");
}

/**
 * Decides about every version. It keeps the newest five tagged versions, the active release, the rollback target, and all
 * their parts. A version that cannot be read stays, with everything that may be a part of it. It keeps everything when no
 * image in use is known, or when an image in use is not in the list.
 */
export function planRetention(
  versions: readonly Version[],
  inUse: InUse,
  children: Children,
  unreadable: Unreadable = {},
): RetentionPlan {
  const images = versions.filter((version) => attachedTo(version) === undefined);
  const own = new Map([...careReasons(images, unreadable), ...ownReasons(images, inUse)]);
  const reasons = withChildren(own, children);
  const verdicts = versions.map((version): Verdict => {
    const base = attachedTo(version);
    const reason = reasons.get(base ?? version.digest);
    if (reason === undefined) return { version, keep: false, reason: "neither new nor in use" };
    return { version, keep: true, reason: base === undefined ? reason : `attached to ${base.slice(0, 19)}` };
  });
  const refusal =
    inUse.length === 0
      ? "no deployed image is known"
      : missing(versions, inUse) && `in use but not in the package: ${missing(versions, inUse) ?? ""}`;
  return refusal === undefined ? { verdicts } : { verdicts, refusal };
}

/** The versions to delete. Indexes come before their parts, so that an interruption leaves no index without parts. */
export function deletions({ verdicts, refusal }: RetentionPlan): Version[] {
  if (refusal !== undefined) return [];
  const doomed = verdicts.filter(({ keep }) => !keep).map(({ version }) => version);
  return [...doomed.filter(({ tags }) => tags.length > 0), ...doomed.filter(({ tags }) => tags.length === 0)];
}

/** All parts of a version that could not be deleted. They must stay, or it would be an image without parts. */
export const partsOf = (digest: string, children: Children): ReadonlySet<string> =>
  new Set(withChildren(new Map([[digest, ""]]), children).keys());

/** The plan as text, newest first, with the totals. */
export function renderPlan({ verdicts, refusal }: RetentionPlan, dryRun: boolean): string {
  const lines = [...verdicts]
    .sort((left, right) => newestFirst(left.version, right.version))
    .map(({ version, keep, reason }) => {
      const name = version.tags.join(",") || "untagged";
      return `${keep ? "keep  " : "delete"} ${version.digest.slice(0, 19)} ${version.createdAt} ${name}: ${reason}`;
    });
  const deleted = verdicts.filter(({ keep }) => !keep).length;
  const sum = `${verdicts.length - deleted} kept, ${deleted} to delete`;
  if (refusal !== undefined) return [...lines, `${sum}; nothing is deleted: ${refusal}`].join("\n");
  return [...lines, `${sum}${dryRun ? "; nothing was deleted: --no-dry-run deletes" : ""}`].join("\n");
}
