/** The state of the emulator: the entities of the B2 native API, as plain values. */

export interface LifecycleRule {
  readonly fileNamePrefix: string;
  readonly daysFromHidingToDeleting: number | null;
  readonly daysFromUploadingToHiding: number | null;
  readonly daysFromStartingToCancelingUnfinishedLargeFiles: number | null;
}

export interface Bucket {
  readonly bucketId: string;
  readonly bucketName: string;
  bucketType: string;
  bucketInfo: Readonly<Record<string, string>>;
  corsRules: readonly unknown[];
  lifecycleRules: readonly LifecycleRule[];
  defaultServerSideEncryption: Readonly<Record<string, unknown>>;
  revision: number;
}

export interface ApplicationKey {
  readonly applicationKeyId: string;
  readonly applicationKey: string;
  readonly keyName: string;
  readonly capabilities: readonly string[];
  /** null means every bucket. */
  readonly bucketIds: readonly string[] | null;
  readonly namePrefix: string | null;
}

/** A piece of content: one file in the emulator's folder. */
export interface Piece {
  readonly file: string;
  readonly bytes: number;
}

/** A version of a file, or a marker that hides the earlier versions. */
export interface FileVersion {
  readonly fileId: string;
  readonly bucketId: string;
  readonly fileName: string;
  readonly action: "upload" | "hide";
  readonly contentSha1: string;
  readonly contentType: string;
  readonly fileInfo: Readonly<Record<string, string>>;
  readonly uploadTimestamp: number;
  readonly pieces: readonly Piece[];
}

/** A large file whose upload is not finished. */
export interface UnfinishedFile extends Omit<FileVersion, "action" | "pieces"> {
  readonly parts: Record<number, Piece & { readonly sha1: string }>;
}

export interface Account {
  /** The latest number in use. An id is a letter and the next number. */
  lastId: number;
  /** Difference between the account's clock and the clock of this machine. */
  clockOffsetMilliseconds: number;
  buckets: Bucket[];
  keys: ApplicationKey[];
  /** Oldest first. */
  versions: FileVersion[];
  unfinished: UnfinishedFile[];
}

export const accountId = "acc";

const masterCapabilities = [
  "listBuckets",
  "writeBuckets",
  "deleteBuckets",
  "listKeys",
  "writeKeys",
  "deleteKeys",
  "listFiles",
  "readFiles",
  "writeFiles",
  "deleteFiles",
  "readBucketEncryption",
  "writeBucketEncryption",
];

/** An account with a master key and no buckets. */
export const newAccount = (master: { readonly keyId: string; readonly key: string }): Account => ({
  lastId: 0,
  clockOffsetMilliseconds: 0,
  buckets: [],
  keys: [
    {
      applicationKeyId: master.keyId,
      applicationKey: master.key,
      keyName: "master",
      capabilities: masterCapabilities,
      bucketIds: null,
      namePrefix: null,
    },
  ],
  versions: [],
  unfinished: [],
});

/** A new id: the prefix and an unused number. */
export function nextId(account: Account, prefix: string): string {
  account.lastId += 1;
  return `${prefix}${account.lastId}`;
}

/** The account's time, in milliseconds since 1970. */
export const nowOf = (account: Account): number => Date.now() + account.clockOffsetMilliseconds;

export const lengthOf = ({ pieces }: Pick<FileVersion, "pieces">): number =>
  pieces.reduce((sum, { bytes }) => sum + bytes, 0);
