import { group, items, text, texts, type Properties, type Value } from "../value";
import type { Account } from "./native-api";
import type { NativeResource } from "./native-resource";

const ruleDays = [
  "daysFromHidingToDeleting",
  "daysFromStartingToCancelingUnfinishedLargeFiles",
  "daysFromUploadingToHiding",
] as const;

/** Days as the API wants them: none is null. */
const ruleOut = (rule: Properties): Properties => ({
  fileNamePrefix: text(rule, "fileNamePrefix"),
  ...Object.fromEntries(ruleDays.map((days) => [days, rule[days] === 0 ? null : (rule[days] ?? null)])),
});

/** Days as the provider keeps them: none is 0. */
const ruleIn = (rule: Properties): Properties => ({
  fileNamePrefix: text(rule, "fileNamePrefix"),
  ...Object.fromEntries(ruleDays.map((days) => [days, rule[days] ?? 0])),
});

function settings(inputs: Properties): Properties {
  const encryption = group(inputs, "defaultServerSideEncryption");
  return {
    bucketType: text(inputs, "bucketType"),
    bucketInfo: inputs["bucketInfo"] ?? {},
    corsRules: inputs["corsRules"] ?? [],
    lifecycleRules: items(inputs, "lifecycleRules").map(ruleOut),
    ...(encryption === undefined ? {} : { defaultServerSideEncryption: encryption }),
  };
}

function encryptionOf(bucket: Properties): Value | undefined {
  const value = group(group(bucket, "defaultServerSideEncryption") ?? {}, "value") ?? {};
  const { algorithm, mode } = value;
  if (mode === null || mode === undefined || mode === "none") return undefined;
  return algorithm === undefined ? { mode } : { algorithm, mode };
}

function stateOf(bucket: Properties): Properties {
  const id = text(bucket, "bucketId");
  const lock = group(group(bucket, "fileLockConfiguration") ?? {}, "value") ?? {};
  return {
    accountId: text(bucket, "accountId"),
    b2BucketId: id,
    bucketId: id,
    bucketName: text(bucket, "bucketName"),
    bucketType: text(bucket, "bucketType"),
    corsRules: items(bucket, "corsRules"),
    defaultServerSideEncryption: encryptionOf(bucket),
    fileLockConfigurations: [{ isFileLockEnabled: lock["isFileLockEnabled"] === true }],
    lifecycleRules: items(bucket, "lifecycleRules").map(ruleIn),
    options: texts(bucket, "options"),
    revision: bucket["revision"],
  };
}

async function find(account: Account, bucketId: string): Promise<Properties | undefined> {
  const answer = await account.call("b2_list_buckets", {
    accountId: account.id,
    bucketTypes: ["all"],
    bucketId,
    bucketName: null,
  });
  return items(answer, "buckets")[0];
}

/** `b2:index/bucket:Bucket`. Map `bucketInfo` shows in the state once it was read, as with the real one. */
export const bucket: NativeResource = {
  replaces: ["bucketName"],
  computedByCreate: ["bucketId", "b2BucketId", "accountId"],
  computedByUpdate: ["revision"],
  secrets: [],
  checked: (inputs) => inputs,
  async create(account, inputs) {
    const made = await account.call("b2_create_bucket", {
      accountId: account.id,
      bucketName: text(inputs, "bucketName"),
      ...settings(inputs),
    });
    return { id: text(made, "bucketId"), state: stateOf(made) };
  },
  async read(account, id) {
    const found = await find(account, id);
    return found && { ...stateOf(found), bucketInfo: found["bucketInfo"] };
  },
  async update(account, id, inputs) {
    await account.call("b2_update_bucket", { accountId: account.id, bucketId: id, ...settings(inputs) });
    const found = await find(account, id);
    if (found === undefined) throw new Error(`b2: bucket ${id} is gone`);
    return stateOf(found);
  },
  async delete(account, id) {
    if ((await find(account, id)) === undefined) return;
    await account.call("b2_delete_bucket", { accountId: account.id, bucketId: id });
  },
};
