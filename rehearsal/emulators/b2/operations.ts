import { randomBytes } from "node:crypto";
import {
  accountId,
  lengthOf,
  nextId,
  nowOf,
  type Account,
  type ApplicationKey,
  type Bucket,
  type FileVersion,
  type LifecycleRule,
} from "./account";
import { hideMarker } from "./lifecycle";
import type { Body } from "../http-core/exchange";
import { badRequest, notFound, refusal } from "./refusal";

/** One call of an operation. */
export interface Call {
  readonly account: Account;
  readonly body: Body;
  /** Address under which the caller reached the emulator. */
  readonly address: string;
  /** Makes a token for one upload address. */
  readonly grantUpload: () => string;
}

type Operation = (call: Call) => unknown;

const textOf = (body: Body, name: string): string => (typeof body[name] === "string" ? body[name] : "");
const numberOf = (body: Body, name: string, absent: number): number =>
  typeof body[name] === "number" ? body[name] : absent;

const without = (entity: object, field: string): Body =>
  Object.fromEntries(Object.entries(entity).filter(([name]) => name !== field));

/** The bucket of an operation: by its id, by its name, or by a file in it. */
export function bucketOf({ account, body }: Pick<Call, "account" | "body">): string | undefined {
  const fileId = textOf(body, "fileId") || textOf(body, "sourceFileId");
  const file = [...account.versions, ...account.unfinished].find((version) => version.fileId === fileId);
  const byName = account.buckets.find(({ bucketName }) => bucketName === body["bucketName"]);
  return textOf(body, "bucketId") || (file?.bucketId ?? byName?.bucketId);
}

function bucketJson(bucket: Bucket): Body {
  const { defaultServerSideEncryption, ...rest } = bucket;
  const readable = (value: unknown): Body => ({ isClientAuthorizedToRead: true, value });
  return {
    accountId,
    ...rest,
    defaultServerSideEncryption: readable(defaultServerSideEncryption),
    fileLockConfiguration: readable({ defaultRetention: { mode: null, period: null }, isFileLockEnabled: false }),
    options: ["s3"],
    replicationConfiguration: readable(null),
  };
}

const keyJson = (key: ApplicationKey): Body => ({
  ...without(key, "applicationKey"),
  accountId,
  bucketId: null,
  expirationTimestamp: null,
  options: ["s3"],
});

/** A version as the API shows it. */
export function fileJson(version: FileVersion): Body {
  const size = lengthOf(version);
  return { accountId, ...without(version, "pieces"), contentLength: size, size, contentMd5: null };
}

function checkRules(rules: readonly LifecycleRule[]): void {
  for (const { fileNamePrefix, ...days } of rules) {
    if (Object.values(days).every((value) => value === null)) {
      throw badRequest(`Rule with prefix '${fileNamePrefix}' must have at least one additional property`);
    }
  }
}

function bucketById({ account, body }: Call): Bucket {
  const bucket = account.buckets.find(({ bucketId }) => bucketId === body["bucketId"]);
  if (bucket === undefined) throw refusal(400, "bad_bucket_id", `bad bucketId: ${textOf(body, "bucketId")}`);
  return bucket;
}

function settingsOf(body: Body, before: Omit<Bucket, "bucketId" | "bucketName" | "revision">) {
  const given = <T>(name: string, absent: T): T => (body[name] === undefined ? absent : (body[name] as T));
  const lifecycleRules = given("lifecycleRules", before.lifecycleRules);
  checkRules(lifecycleRules);
  return {
    bucketType: given("bucketType", before.bucketType),
    bucketInfo: given("bucketInfo", before.bucketInfo),
    corsRules: given("corsRules", before.corsRules),
    lifecycleRules,
    defaultServerSideEncryption: given("defaultServerSideEncryption", before.defaultServerSideEncryption),
  };
}

const plainBucket = {
  bucketType: "allPrivate",
  bucketInfo: {},
  corsRules: [],
  lifecycleRules: [],
  defaultServerSideEncryption: { mode: null },
};

const buckets: Record<string, Operation> = {
  b2_create_bucket: ({ account, body }) => {
    const bucketName = textOf(body, "bucketName");
    if (account.buckets.some((bucket) => bucket.bucketName === bucketName)) {
      throw refusal(400, "duplicate_bucket_name", "Bucket name is already in use.");
    }
    const settings = settingsOf(body, plainBucket);
    const bucket: Bucket = { bucketId: nextId(account, "b"), bucketName, ...settings, revision: 2 };
    account.buckets.push(bucket);
    return bucketJson(bucket);
  },
  b2_update_bucket: (call) => {
    const bucket = bucketById(call);
    Object.assign(bucket, settingsOf(call.body, bucket), { revision: bucket.revision + 1 });
    return bucketJson(bucket);
  },
  b2_list_buckets: ({ account, body }) => {
    const wanted = (bucket: Bucket): boolean =>
      (!body["bucketId"] || bucket.bucketId === body["bucketId"]) &&
      (!body["bucketName"] || bucket.bucketName === body["bucketName"]);
    return { buckets: account.buckets.filter(wanted).map(bucketJson) };
  },
  b2_delete_bucket: (call) => {
    const bucket = bucketById(call);
    if (call.account.versions.some(({ bucketId }) => bucketId === bucket.bucketId)) {
      throw refusal(400, "cannot_delete_non_empty_bucket", "Cannot delete non-empty bucket");
    }
    call.account.buckets = call.account.buckets.filter((other) => other !== bucket);
    return bucketJson(bucket);
  },
};

const keys: Record<string, Operation> = {
  b2_create_key: ({ account, body }) => {
    const key: ApplicationKey = {
      applicationKeyId: nextId(account, "k"),
      applicationKey: `K00${randomBytes(14).toString("hex")}`,
      keyName: textOf(body, "keyName"),
      capabilities: body["capabilities"] as string[],
      bucketIds: (body["bucketIds"] as string[] | null | undefined) ?? null,
      namePrefix: (body["namePrefix"] as string | null | undefined) ?? null,
    };
    account.keys.push(key);
    return { ...keyJson(key), applicationKey: key.applicationKey };
  },
  b2_list_keys: ({ account }) => ({
    keys: account.keys.filter(({ keyName }) => keyName !== "master").map(keyJson),
    nextApplicationKeyId: null,
  }),
  b2_delete_key: ({ account, body }) => {
    const key = account.keys.find(({ applicationKeyId }) => applicationKeyId === body["applicationKeyId"]);
    if (key === undefined) throw badRequest("No such application key");
    account.keys = account.keys.filter((other) => other !== key);
    return keyJson(key);
  },
};

const inBucket = ({ account, body }: Call): FileVersion[] =>
  account.versions.filter(
    ({ bucketId, fileName }) => bucketId === body["bucketId"] && fileName.startsWith(textOf(body, "prefix")),
  );

/** Names with a delimiter after the prefix, replaced by the name of their folder. */
function folded(names: readonly string[], { body }: Call): string[] {
  const delimiter = textOf(body, "delimiter");
  const prefix = textOf(body, "prefix");
  const fold = (name: string): string => {
    const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
    return end < 0 ? name : name.slice(0, end + delimiter.length);
  };
  return [...new Set(names.map(fold))].sort();
}

const folder = (fileName: string): Body => ({
  accountId,
  action: "folder",
  fileName,
  fileId: null,
  contentLength: 0,
  size: 0,
  uploadTimestamp: 0,
  contentSha1: null,
  contentType: null,
  fileInfo: {},
});

function list(call: Call, versionsOf: (name: string) => readonly FileVersion[]): Body {
  const limit = numberOf(call.body, "maxFileCount", 100);
  const start = textOf(call.body, "startFileName");
  const names = folded([...new Set(inBucket(call).map(({ fileName }) => fileName))], call).filter(
    (name) => name >= start,
  );
  const rows = names.map((name) => {
    const versions = versionsOf(name);
    const isFolder = textOf(call.body, "delimiter") !== "" && name.endsWith("/");
    return { name, files: isFolder ? [folder(name)] : versions.map(fileJson) };
  });
  const seen = rows.filter(({ files }) => files.length > 0);
  return { files: seen.slice(0, limit).flatMap(({ files }) => files), nextFileName: seen[limit]?.name ?? null };
}

/** Newest first. */
const versionsNamed = (call: Call, name: string): FileVersion[] =>
  inBucket(call)
    .filter(({ fileName }) => fileName === name)
    .reverse();

function versionById({ account, body }: Call, field: string): FileVersion {
  const version = account.versions.find(({ fileId }) => fileId === body[field]);
  if (version === undefined) throw notFound(`File not present: ${textOf(body, field)}`);
  return version;
}

const files: Record<string, Operation> = {
  b2_list_file_names: (call) =>
    list(call, (name) =>
      versionsNamed(call, name)
        .slice(0, 1)
        .filter(({ action }) => action === "upload"),
    ),
  b2_list_file_versions: (call) => ({ ...list(call, (name) => versionsNamed(call, name)), nextFileId: null }),
  b2_get_file_info: (call) => fileJson(versionById(call, "fileId")),
  b2_hide_file: (call) => {
    const { account, body } = call;
    const fileName = textOf(body, "fileName");
    const newest = versionsNamed(call, fileName)[0];
    if (newest === undefined) throw refusal(400, "no_such_file", `File not present: ${fileName}`);
    if (newest.action === "hide") throw refusal(400, "already_hidden", `File already hidden: ${fileName}`);
    const marker = hideMarker(account, textOf(body, "bucketId"), fileName, nowOf(account));
    account.versions.push(marker);
    return fileJson(marker);
  },
  b2_copy_file: (call) => {
    const { account, body } = call;
    const source = versionById(call, "sourceFileId");
    const copy: FileVersion = {
      ...source,
      fileId: nextId(account, "f"),
      bucketId: textOf(body, "destinationBucketId") || source.bucketId,
      fileName: textOf(body, "fileName"),
      fileInfo: (body["fileInfo"] as Record<string, string> | undefined) ?? source.fileInfo,
      uploadTimestamp: nowOf(account),
    };
    account.versions.push(copy);
    return fileJson(copy);
  },
  b2_delete_file_version: (call) => {
    const version = versionById(call, "fileId");
    call.account.versions = call.account.versions.filter((other) => other !== version);
    return { fileId: version.fileId, fileName: version.fileName };
  },
};

const uploadUrl = ({ address, grantUpload }: Call, path: string): Body => ({
  uploadUrl: `${address}/upload/${path}`,
  authorizationToken: grantUpload(),
});

const largeFiles: Record<string, Operation> = {
  b2_get_upload_url: (call) => {
    const { bucketId } = bucketById(call);
    return { bucketId, ...uploadUrl(call, `file/${bucketId}`) };
  },
  b2_start_large_file: ({ account, body }) => {
    const started = {
      fileId: nextId(account, "f"),
      bucketId: textOf(body, "bucketId"),
      fileName: textOf(body, "fileName"),
      contentSha1: "none",
      contentType: textOf(body, "contentType"),
      fileInfo: (body["fileInfo"] as Record<string, string> | undefined) ?? {},
      uploadTimestamp: nowOf(account),
    };
    account.unfinished.push({ ...started, parts: {} });
    return { accountId, action: "start", contentLength: 0, ...started };
  },
  b2_get_upload_part_url: (call) => {
    const fileId = textOf(call.body, "fileId");
    return { fileId, ...uploadUrl(call, `part/${fileId}`) };
  },
  b2_finish_large_file: (call) => {
    const { account, body } = call;
    const started = account.unfinished.find(({ fileId }) => fileId === body["fileId"]);
    if (started === undefined) throw badRequest(`No active upload for: ${textOf(body, "fileId")}`);
    const { parts, ...rest } = started;
    const given = Object.entries(parts)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, part]) => part);
    const asked = body["partSha1Array"] as readonly string[];
    if (given.map(({ sha1 }) => sha1).join() !== asked.join()) throw badRequest("part sha1s do not match");
    const version: FileVersion = {
      ...rest,
      action: "upload",
      pieces: given.map(({ file, bytes }) => ({ file, bytes })),
    };
    account.unfinished = account.unfinished.filter((other) => other !== started);
    account.versions.push(version);
    return fileJson(version);
  },
  b2_cancel_large_file: ({ account, body }) => {
    account.unfinished = account.unfinished.filter(({ fileId }) => fileId !== body["fileId"]);
    return { accountId, fileId: body["fileId"] };
  },
  b2_list_unfinished_large_files: ({ account, body }) => ({
    files: account.unfinished
      .filter(({ bucketId }) => bucketId === body["bucketId"])
      .map((file) => ({ accountId, action: "start", ...without(file, "parts") })),
    nextFileId: null,
  }),
};

/** The operations of the native API that rclone and the b2 plugin call, by name. transfer.ts has uploads and downloads. */
export const operations: Readonly<Record<string, Operation>> = { ...buckets, ...keys, ...files, ...largeFiles };
