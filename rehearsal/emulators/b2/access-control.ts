import type { Account, ApplicationKey } from "./account";
import { accountId, nextId } from "./account";
import { badRequest, refusal, unauthorized } from "./refusal";

const capabilityOf: Readonly<Record<string, string>> = {
  b2_create_bucket: "writeBuckets",
  b2_update_bucket: "writeBuckets",
  b2_list_buckets: "listBuckets",
  b2_delete_bucket: "deleteBuckets",
  b2_create_key: "writeKeys",
  b2_list_keys: "listKeys",
  b2_delete_key: "deleteKeys",
  b2_get_upload_url: "writeFiles",
  b2_start_large_file: "writeFiles",
  b2_get_upload_part_url: "writeFiles",
  b2_finish_large_file: "writeFiles",
  b2_cancel_large_file: "writeFiles",
  b2_list_unfinished_large_files: "listFiles",
  b2_hide_file: "writeFiles",
  b2_copy_file: "writeFiles",
  b2_list_file_names: "listFiles",
  b2_list_file_versions: "listFiles",
  b2_get_file_info: "readFiles",
  b2_download_file: "readFiles",
  b2_delete_file_version: "deleteFiles",
};

/** Checks the permissions of keys, of login tokens and of upload tokens. */
export class AccessControl {
  private readonly tokens = new Map<string, string>();
  private readonly uploads = new Map<string, string>();

  constructor(private readonly account: Account) {}

  /**
   * `b2_authorize_account`. Only API version 4 knows keys with `bucketIds`.
   * @throws Refusal `unauthorized` for a wrong or revoked key.
   */
  authorize(header: string, apiVersion: number, address: string): Record<string, unknown> {
    const [keyId, secret] = Buffer.from(header.replace(/^Basic /, ""), "base64")
      .toString()
      .split(":");
    const key = this.account.keys.find(({ applicationKeyId }) => applicationKeyId === keyId);
    if (key === undefined || key.applicationKey !== secret) {
      throw refusal(401, "unauthorized", "The applicationKeyId and/or the applicationKey are wrong.");
    }
    if (key.bucketIds !== null && apiVersion < 4) {
      throw badRequest(`multi-bucket keys are not currently supported on API version number ${apiVersion}`);
    }
    const token = nextId(this.account, "tok");
    this.tokens.set(token, key.applicationKeyId);
    const storageApi = { ...this.storageApi(key), apiUrl: address, downloadUrl: address, s3ApiUrl: address };
    const groupsApi = { capabilities: [], groupsApiUrl: address, infoType: "groupsApi" };
    return {
      accountId,
      authorizationToken: token,
      apiInfo: { storageApi, groupsApi },
      applicationKeyExpirationTimestamp: null,
    };
  }

  /**
   * The key of a token, after a check that it may do the operation in the bucket.
   * @throws Refusal in the words of B2.
   */
  check(token: string, operation: string, bucketId: string | undefined): ApplicationKey {
    const keyId = this.tokens.get(token);
    const key = this.account.keys.find(({ applicationKeyId }) => applicationKeyId === keyId);
    if (key === undefined) throw refusal(401, "bad_auth_token", "Invalid authorization token");
    const needed = capabilityOf[operation];
    if (needed === undefined) throw badRequest(`the emulator has no operation ${operation}`);
    if (!key.capabilities.includes(needed)) throw unauthorized(`the key lacks the capability ${needed}`);
    if (key.bucketIds !== null && (bucketId === undefined || !key.bucketIds.includes(bucketId))) {
      throw unauthorized("the key is not for this bucket");
    }
    return key;
  }

  /** An upload token for the key of this token. */
  grantUpload(token: string): string {
    const granted = nextId(this.account, "up");
    this.uploads.set(granted, this.tokens.get(token) ?? "");
    return granted;
  }

  /** @throws Refusal for an unknown upload token, or when its key was revoked. */
  checkUpload(token: string): void {
    const keyId = this.uploads.get(token);
    if (this.account.keys.some(({ applicationKeyId }) => applicationKeyId === keyId)) return;
    throw refusal(401, "bad_auth_token", "Invalid authorization token");
  }

  /** Ends every login, as B2 does after 24 hours. */
  expire(): void {
    this.tokens.clear();
    this.uploads.clear();
  }

  private storageApi({ capabilities, bucketIds, namePrefix }: ApplicationKey): Record<string, unknown> {
    const { buckets } = this.account;
    const named = bucketIds?.map((id) => ({ id, name: buckets.find((b) => b.bucketId === id)?.bucketName ?? null }));
    return {
      absoluteMinimumPartSize: 5_000_000,
      allowed: { buckets: named ?? null, capabilities, namePrefix },
      infoType: "storageApi",
      recommendedPartSize: 100_000_000,
    };
  }
}
