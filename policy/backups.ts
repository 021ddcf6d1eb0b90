import { filesOf } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, stackRule } from "./rule";

export const bucketPrivate = resourceRule({
  name: "bucket-private",
  why: "The bucket is private: it holds everything that the users have written",
  source: "data-model.md 1, Backup",
  remedy: 'set bucketType to "allPrivate"',
  facts: [factsOf(kinds.bucket, ({ bucketType }) => [fact("bucketType", () => bucketType)])],
  holds: (type) => type === "allPrivate",
});

export const bucketEncrypted = resourceRule({
  name: "bucket-encrypted",
  why: "The bucket encrypts what it stores",
  source: "issue 8, backups; Backblaze, Server-Side Encryption",
  remedy: 'set defaultServerSideEncryption to { algorithm: "AES256", mode: "SSE-B2" }',
  facts: [
    factsOf(kinds.bucket, ({ defaultServerSideEncryption: encryption }) => [
      fact("defaultServerSideEncryption", () => encryption && [encryption.algorithm, encryption.mode]),
    ]),
  ],
  holds: (encryption) => encryption?.[0] === "AES256" && encryption[1] === "SSE-B2",
});

export const bucketProtected = resourceRule({
  name: "bucket-protected",
  why: "No destroy and no replacement takes the bucket along: the backups outlive what they are backups of",
  source: "design.md 5.5",
  remedy: "set the resource option protect to true",
  facts: [factsOf(kinds.bucket, (_, { opts }) => [fact("option protect", () => opts.protect)])],
  holds: (isProtected) => isProtected,
});

type LifecycleRule = NonNullable<NonNullable<(typeof kinds.bucket)["props"]>["lifecycleRules"]>[number];

const lifecycleRules = <Value>(property: string, read: (rule: LifecycleRule) => Value) => [
  factsOf(kinds.bucket, ({ lifecycleRules: rules = [] }) =>
    rules.map((rule, index) => fact(`lifecycleRules[${index}].${property}`, () => read(rule))),
  ),
];

export const bucketPermanent = resourceRule({
  name: "bucket-permanent",
  why: "No lifecycle rule touches permanent/: those backups were kept by hand, for good",
  source: "data-model.md 1, Retention Policy",
  remedy: 'give the rule the prefix "daily/"; the empty prefix means everything',
  settings: { kept: ["permanent/"] },
  facts: lifecycleRules("fileNamePrefix", (rule) => rule.fileNamePrefix),
  holds: (prefix, { kept }) => !kept.some((folder) => folder.startsWith(prefix) || prefix.startsWith(folder)),
});

export const bucketHiding = resourceRule({
  name: "bucket-hiding",
  why: "No backup is hidden for its age: while the job fails, an age rule takes the last good ones, and the job itself keeps the newest 7",
  source: "design.md 7; reliability.md 3.4",
  remedy: "leave daysFromUploadingToHiding out",
  facts: lifecycleRules("daysFromUploadingToHiding", (rule) => rule.daysFromUploadingToHiding ?? 0),
  holds: (days) => days === 0,
});

export const bucketUndo = resourceRule({
  name: "bucket-undo",
  why: "A hidden backup can be brought back for a week: the VPS's key can hide all of them",
  source: "design.md 7",
  remedy: "set daysFromHidingToDeleting to 7 or more",
  settings: { minimumDays: 7 },
  facts: lifecycleRules("daysFromHidingToDeleting", (rule) => rule.daysFromHidingToDeleting ?? 0),
  holds: (days, { minimumDays }) => days === 0 || days >= minimumDays,
});

export const keyCapabilities = resourceRule({
  name: "key-capabilities",
  why: "The VPS's key cannot delete: whoever takes the host over cannot destroy its backups",
  source: "reliability.md 3.3",
  remedy: "have no more capabilities than listBuckets, listFiles, readFiles and writeFiles",
  settings: { allowed: ["listBuckets", "listFiles", "readFiles", "writeFiles"] },
  facts: [factsOf(kinds.applicationKey, ({ capabilities }) => [fact("capabilities", () => capabilities)])],
  holds: (capabilities, { allowed }) => capabilities.every((name) => allowed.includes(name)),
});

export const keyBucket = resourceRule({
  name: "key-bucket",
  why: "The VPS's key opens one bucket, not the account",
  source: "reliability.md 3.3",
  remedy: "set bucketIds to the bucket's id alone",
  facts: [factsOf(kinds.applicationKey, ({ bucketIds }) => [fact("bucketIds", () => bucketIds?.map(String) ?? [])])],
  holds: (ids) => ids.length === 1,
});

const backupFiles = (set: kinds.FileSet, name: string) =>
  filesOf(set).filter(([path]) => path.endsWith(`-backup/${name}`) || path.endsWith(`/config/${name}`));

const everyFile = <Value>(name: string, what: string, read: (content: string) => Value) => [
  factsOf(kinds.fileSet, (set) =>
    backupFiles(set, name).map(([path, file]) => fact(`${what} in ${path}`, () => read(file.content))),
  ),
];

const numberIn = (pattern: RegExp) => (content: string) => {
  const found = pattern.exec(content)?.[1];
  return found === undefined ? undefined : Number(found);
};

export const backupDailies = resourceRule({
  name: "backup-dailies",
  why: "The newest 7 verified dailies are kept",
  source: "data-model.md 1, Retention Policy",
  remedy: "set keep=7 in host/backup/backup.sh",
  settings: { minimum: 7 },
  facts: everyFile("backup.sh", "keep", numberIn(/^\s*keep=(\d+)/m)),
  holds: (keep, { minimum }) => keep !== undefined && keep >= minimum,
});

export const backupUploadLimit = resourceRule({
  name: "backup-upload-limit",
  why: "An upload completes within 10 minutes, or it has failed",
  source: "data-model.md 6, Backup Validation",
  remedy: "leave the default of BACKUP_TRANSFER_SECONDS in host/backup/common.sh as it is",
  settings: { maximumSeconds: 600 },
  facts: [
    ...everyFile("common.sh", "transfer_seconds", numberIn(/^transfer_seconds=\$\{BACKUP_TRANSFER_SECONDS:-(\d+)\}/m)),
    ...everyFile("backup.env", "BACKUP_TRANSFER_SECONDS", (content) =>
      content.includes("BACKUP_TRANSFER_SECONDS") ? numberIn(/^BACKUP_TRANSFER_SECONDS=(\d+)/m)(content) : 1,
    ),
  ],
  holds: (seconds, { maximumSeconds }) => seconds !== undefined && seconds > 0 && seconds <= maximumSeconds,
});

export const backupAlert = resourceRule({
  name: "backup-alert",
  why: "Somebody is told when there are no backups, also when the host is off and cannot speak",
  source: "data-model.md 6, Backup Validation; design.md 7",
  remedy: "set the alert's dead-man URL (Backups alert.deadManUrl)",
  facts: everyFile("backup.env", "DEAD_MAN_URL", (content) => /^DEAD_MAN_URL=(\w+):\/\/\S+/m.exec(content)?.[1]),
  holds: (scheme) => scheme !== undefined,
});

export const backupTimer = stackRule({
  name: "backup-timer",
  why: "Where there is a bucket for backups, the job runs daily and the watch looks whether it did",
  source: "data-model.md 1 and 6, Backup",
  remedy: "give a FileSet units with <app>-backup.timer and <app>-backup-watch.timer, enabled and active",
  *facts(stack) {
    const sets = kinds.resourcesOf(stack, kinds.fileSet);
    for (const { resource } of kinds.resourcesOf(stack, kinds.bucket)) {
      for (const timer of ["-backup.timer", "-backup-watch.timer"]) {
        yield fact(
          `${resource.name}: unit <app>${timer}`,
          () =>
            sets.flatMap(({ props }) => Object.entries(props.units ?? {})).find(([name]) => name.endsWith(timer))?.[1],
        );
      }
    }
  },
  holds: (unit) => unit !== undefined && unit.enabled && unit.active,
});
