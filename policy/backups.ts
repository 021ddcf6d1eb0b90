import * as kinds from "./kinds";
import { byCondition, condition, fact, factsOf, resourceRule } from "./rule";

export const bucketSettings = resourceRule({
  name: "bucket-settings",
  why: "The bucket is private and encrypted, and no destroy and no replacement deletes it. It holds everything that the users have written, and must outlive the server",
  source: "docs/decisions/0027-backups-are-hidden-not-deleted.md; www.backblaze.com/docs, Server-Side Encryption",
  fix: 'set bucketType to "allPrivate", defaultServerSideEncryption to { algorithm: "AES256", mode: "SSE-B2" }, and the resource option protect to true',
  facts: [
    factsOf(kinds.bucket, ({ bucketType, defaultServerSideEncryption: encryption }, { opts }) => [
      condition(
        "bucketType",
        () => bucketType,
        (type) => type === "allPrivate",
      ),
      condition(
        "defaultServerSideEncryption",
        () => encryption && { ...encryption },
        (value) => value?.algorithm === "AES256" && value.mode === "SSE-B2",
      ),
      condition(
        "option protect",
        () => opts.protect,
        (isProtected) => isProtected,
      ),
    ]),
  ],
  ...byCondition,
});

const keptFolder = "permanent/";

export const bucketLifecycle = resourceRule({
  name: "bucket-lifecycle",
  why: "A lifecycle rule deletes only what the backup job has hidden in daily/, and only after a week. An age limit would delete the last good backups while the job fails, and the key of the server can hide all of them",
  source: "docs/data-model.md section 1, Backup; docs/decisions/0027-backups-are-hidden-not-deleted.md",
  fix: 'give the rule the prefix "daily/" and daysFromHidingToDeleting of 7 or more, and leave daysFromUploadingToHiding out',
  limits: { minimumDays: 7 },
  facts: [
    factsOf(kinds.bucket, ({ lifecycleRules: rules = [] }) =>
      rules.map((rule, index) =>
        fact(`lifecycleRules[${index}]`, () => ({
          fileNamePrefix: rule.fileNamePrefix,
          daysFromUploadingToHiding: rule.daysFromUploadingToHiding ?? 0,
          daysFromHidingToDeleting: rule.daysFromHidingToDeleting ?? 0,
        })),
      ),
    ),
  ],
  holds: ({ fileNamePrefix: prefix, daysFromUploadingToHiding, daysFromHidingToDeleting }, { limits }) =>
    !keptFolder.startsWith(prefix) &&
    !prefix.startsWith(keptFolder) &&
    daysFromUploadingToHiding === 0 &&
    (daysFromHidingToDeleting === 0 || daysFromHidingToDeleting >= limits.minimumDays),
});

const capabilitiesOfServer = ["listBuckets", "listFiles", "readFiles", "writeFiles"];

export const backupKey = resourceRule({
  name: "backup-key",
  why: "The key of the server opens one bucket and cannot delete. Whoever controls the server cannot destroy its backups or read other buckets",
  source: "docs/decisions/0027-backups-are-hidden-not-deleted.md",
  fix: "set bucketIds to the id of the bucket, and capabilities to listBuckets, listFiles, readFiles and writeFiles at most",
  facts: [
    factsOf(kinds.applicationKey, ({ bucketIds, capabilities }) => [
      condition(
        "bucketIds",
        () => bucketIds?.map(String) ?? [],
        (ids) => ids.length === 1,
      ),
      condition(
        "capabilities",
        () => [...capabilities],
        (names) => names.every((name) => capabilitiesOfServer.includes(name)),
      ),
    ]),
  ],
  ...byCondition,
});
