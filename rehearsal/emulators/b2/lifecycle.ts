import { nextId, type Account, type FileVersion, type LifecycleRule, type UnfinishedFile } from "./account";

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** What the rules of one bucket ask for at a time. */
export interface Expiry {
  /** Ids of versions to delete. */
  readonly deleted: readonly string[];
  /** Names to hide. */
  readonly hidden: readonly string[];
  /** Ids of unfinished large files to cancel. */
  readonly cancelled: readonly string[];
}

const due = (since: number, days: number | null, now: number): boolean =>
  days !== null && now - since >= days * DAY_MILLISECONDS;

/**
 * The rules of https://www.backblaze.com/docs/cloud-storage-lifecycle-rules: a version counts as hidden from when a newer
 * one of its name came, a marker or an upload; a marker goes once it hides nothing any more.
 * @param versions of one bucket, oldest first.
 */
export function expiry(
  versions: readonly FileVersion[],
  unfinished: readonly UnfinishedFile[],
  rules: readonly LifecycleRule[],
  now: number,
): Expiry {
  const ruleFor = (name: string) => rules.find(({ fileNamePrefix }) => name.startsWith(fileNamePrefix));
  const deleted = versions.flatMap((version, index) => {
    const newer = versions.slice(index + 1).find(({ fileName }) => fileName === version.fileName);
    const days = ruleFor(version.fileName)?.daysFromHidingToDeleting ?? null;
    return newer !== undefined && due(newer.uploadTimestamp, days, now) ? [version.fileId] : [];
  });
  const kept = versions.filter(({ fileId }) => !deleted.includes(fileId));
  const lone = kept.filter(
    ({ action, fileName }) =>
      action === "hide" && ruleFor(fileName) && kept.filter((other) => other.fileName === fileName).length === 1,
  );
  const newest = [...new Map(kept.map((version) => [version.fileName, version])).values()];
  return {
    deleted: [...deleted, ...lone.map(({ fileId }) => fileId)],
    hidden: newest
      .filter(
        ({ action, fileName, uploadTimestamp }) =>
          action === "upload" && due(uploadTimestamp, ruleFor(fileName)?.daysFromUploadingToHiding ?? null, now),
      )
      .map(({ fileName }) => fileName),
    cancelled: unfinished
      .filter(({ fileName, uploadTimestamp }) =>
        due(uploadTimestamp, ruleFor(fileName)?.daysFromStartingToCancelingUnfinishedLargeFiles ?? null, now),
      )
      .map(({ fileId }) => fileId),
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
export function hideMarker(account: Account, bucketId: string, fileName: string, now: number): FileVersion {
  return {
    fileId: nextId(account, "f"),
    bucketId,
    fileName,
    action: "hide",
    contentSha1: "none",
    contentType: "application/x-bz-hide-marker",
    fileInfo: {},
    uploadTimestamp: now,
    pieces: [],
  };
}
