import { nextId, type Account, type FileVersion, type LifecycleRule, type UnfinishedFile } from "./account";

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** The changes that the rules of one bucket ask for at one moment. */
export interface Expiry {
  /** Ids of versions to delete. */
  readonly deleted: readonly string[];
  /** Names to hide. */
  readonly hidden: readonly string[];
  /** Ids of unfinished large files to cancel. */
  readonly cancelled: readonly string[];
}

const due = (since: number, days: number | null, now: number): boolean =>
  days !== null && now - since >= days * dayMilliseconds;

type Rules = readonly LifecycleRule[];

const ruleFor = (rules: Rules, name: string): LifecycleRule | undefined =>
  rules.find(({ fileNamePrefix }) => name.startsWith(fileNamePrefix));

/** A version is hidden from the moment when a newer upload or marker of its name arrived. */
const longHidden = (versions: readonly FileVersion[], rules: Rules, now: number): readonly FileVersion[] =>
  versions.filter(({ fileName }, index) => {
    const newer = versions.slice(index + 1).find((version) => version.fileName === fileName);
    const days = ruleFor(rules, fileName)?.daysFromHidingToDeleting ?? null;
    return newer !== undefined && due(newer.uploadTimestamp, days, now);
  });

/** Markers that hide no version. B2 deletes them. */
function idleMarkers(versions: readonly FileVersion[], rules: Rules): readonly FileVersion[] {
  const isAlone = (name: string): boolean => versions.filter(({ fileName }) => fileName === name).length === 1;
  return versions.filter(
    ({ action, fileName }) => action === "hide" && ruleFor(rules, fileName) !== undefined && isAlone(fileName),
  );
}

/** Newest versions whose age reaches the rule's limit for hiding. */
function longUploaded(versions: readonly FileVersion[], rules: Rules, now: number): readonly FileVersion[] {
  const newest = [...new Map(versions.map((version) => [version.fileName, version])).values()];
  return newest.filter(({ action, fileName, uploadTimestamp }) => {
    const days = ruleFor(rules, fileName)?.daysFromUploadingToHiding ?? null;
    return action === "upload" && due(uploadTimestamp, days, now);
  });
}

const longUnfinished = (files: readonly UnfinishedFile[], rules: Rules, now: number): readonly UnfinishedFile[] =>
  files.filter(({ fileName, uploadTimestamp }) => {
    const days = ruleFor(rules, fileName)?.daysFromStartingToCancelingUnfinishedLargeFiles ?? null;
    return due(uploadTimestamp, days, now);
  });

/**
 * The rules of https://www.backblaze.com/docs/cloud-storage-lifecycle-rules.
 * @param versions of one bucket, oldest first.
 */
export function expiry(
  versions: readonly FileVersion[],
  unfinished: readonly UnfinishedFile[],
  rules: Rules,
  now: number,
): Expiry {
  const hidden = longHidden(versions, rules, now);
  const kept = versions.filter((version) => !hidden.includes(version));
  return {
    deleted: [...hidden, ...idleMarkers(kept, rules)].map(({ fileId }) => fileId),
    hidden: longUploaded(kept, rules, now).map(({ fileName }) => fileName),
    cancelled: longUnfinished(unfinished, rules, now).map(({ fileId }) => fileId),
  };
}

/** Applies the rules of every bucket. */
export function applyLifecycle(account: Account, now: number): void {
  for (const { bucketId, lifecycleRules } of account.buckets) {
    const versions = account.versions.filter((version) => version.bucketId === bucketId);
    const unfinished = account.unfinished.filter((file) => file.bucketId === bucketId);
    const { deleted, hidden, cancelled } = expiry(versions, unfinished, lifecycleRules, now);
    account.versions = account.versions.filter(({ fileId }) => !deleted.includes(fileId));
    account.unfinished = account.unfinished.filter(({ fileId }) => !cancelled.includes(fileId));
    for (const fileName of hidden) account.versions.push(hideMarker(account, bucketId, fileName, now));
  }
}

/** A marker that hides every earlier version of a name. */
export const hideMarker = (account: Account, bucketId: string, fileName: string, now: number): FileVersion => ({
  fileId: nextId(account, "f"),
  bucketId,
  fileName,
  action: "hide",
  contentSha1: "none",
  contentType: "application/x-bz-hide-marker",
  fileInfo: {},
  uploadTimestamp: now,
  pieces: [],
});
