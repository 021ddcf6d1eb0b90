import * as backups from "../../policy/backups";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const bucket = resourceOf(kinds.bucket);
const key = resourceOf(kinds.applicationKey);
const fileSet = resourceOf(kinds.fileSet);

const daily = (values: object) => bucket({ lifecycleRules: [{ fileNamePrefix: "daily/", ...values }] });
const job = (name: string, content: string) =>
  fileSet({ entries: { [`/usr/local/lib/memoryloop-backup/${name}`]: { kind: "file", content } } });
const on = { enabled: true, active: true };

testRules(backups, {
  bucketPrivate: {
    passes: bucket({ bucketType: "allPrivate" }),
    fails: bucket({ bucketType: "allPublic" }),
    says: 'it: bucketType is "allPublic"',
  },
  bucketEncrypted: {
    passes: bucket({ defaultServerSideEncryption: { algorithm: "AES256", mode: "SSE-B2" } }),
    fails: bucket({ defaultServerSideEncryption: { mode: "none" } }),
    says: 'it: defaultServerSideEncryption is [null,"none"]',
  },
  bucketProtected: {
    passes: bucket({}, { protect: true }),
    fails: bucket({}),
    says: "it: option protect is false",
  },
  bucketPermanent: {
    passes: daily({}),
    fails: daily({ fileNamePrefix: "" }),
    says: 'it: lifecycleRules[0].fileNamePrefix is ""',
  },
  bucketHiding: {
    passes: daily({}),
    fails: daily({ daysFromUploadingToHiding: 7 }),
    says: "it: lifecycleRules[0].daysFromUploadingToHiding is 7",
  },
  bucketUndo: {
    passes: daily({ daysFromHidingToDeleting: 7 }),
    fails: daily({ daysFromHidingToDeleting: 6 }),
    says: "it: lifecycleRules[0].daysFromHidingToDeleting is 6",
  },
  keyCapabilities: {
    passes: key({ capabilities: ["listFiles", "writeFiles"] }),
    fails: key({ capabilities: ["listFiles", "deleteFiles"] }),
    says: 'it: capabilities is ["listFiles","deleteFiles"]',
  },
  keyBucket: {
    passes: key({ bucketIds: ["b1"] }),
    fails: key({ bucketIds: ["b1", "b2"] }),
    says: 'it: bucketIds is ["b1","b2"]',
  },
  backupDailies: {
    passes: job("backup.sh", "keep=7\n"),
    fails: job("backup.sh", "keep=6\n"),
    says: "it: keep in /usr/local/lib/memoryloop-backup/backup.sh is 6",
  },
  backupUploadLimit: {
    passes: job("common.sh", "transfer_seconds=${BACKUP_TRANSFER_SECONDS:-600}\n"),
    fails: job("common.sh", "transfer_seconds=${BACKUP_TRANSFER_SECONDS:-601}\n"),
    says: "it: transfer_seconds in /usr/local/lib/memoryloop-backup/common.sh is 601",
  },
  backupAlert: {
    passes: job("backup.env", "DEAD_MAN_URL=https://alive.example.com/1\n"),
    fails: job("backup.env", "WEBHOOK_URL=https://chat.example.com/1\n"),
    says: "it: DEAD_MAN_URL in /usr/local/lib/memoryloop-backup/backup.env is not set",
  },
  backupTimer: {
    passes: [bucket({}), fileSet({ units: { "app-backup.timer": on, "app-backup-watch.timer": on } }, { name: "job" })],
    fails: [bucket({}), fileSet({ units: { "app-backup.timer": on } }, { name: "job" })],
    says: "it: unit <app>-backup-watch.timer is not set",
  },
});
