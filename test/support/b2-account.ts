/** A key of a B2 account. */
export interface Key {
  readonly keyId: string;
  readonly key: string;
}

type Answer = Readonly<Record<string, string>>;

/** Actions of a B2 account's owner, with the master key. */
export class B2Account {
  private constructor(
    private readonly endpoint: string,
    private readonly token: string,
  ) {}

  static async open(endpoint: string, { keyId, key }: Key): Promise<B2Account> {
    const basic = Buffer.from(`${keyId}:${key}`).toString("base64");
    const { authorizationToken = "" } = await new B2Account(endpoint, `Basic ${basic}`).call(
      "b2_authorize_account",
      {},
    );
    return new B2Account(endpoint, authorizationToken);
  }

  /** Creates a bucket with the lifecycle rule of the program's bucket. @returns its id. */
  async makeBucket(bucketName: string): Promise<string> {
    const rule = {
      fileNamePrefix: "daily/",
      daysFromHidingToDeleting: 7,
      daysFromUploadingToHiding: null,
      daysFromStartingToCancelingUnfinishedLargeFiles: 1,
    };
    const { bucketId = "" } = await this.call("b2_create_bucket", {
      bucketName,
      bucketType: "allPrivate",
      lifecycleRules: [rule],
    });
    return bucketId;
  }

  async makeKey(bucketId: string, capabilities: readonly string[]): Promise<Key> {
    const made = await this.call("b2_create_key", { keyName: "vps", capabilities, bucketIds: [bucketId] });
    return { keyId: made["applicationKeyId"] ?? "", key: made["applicationKey"] ?? "" };
  }

  async revoke({ keyId }: Key): Promise<void> {
    await this.call("b2_delete_key", { applicationKeyId: keyId });
  }

  private async call(operation: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.endpoint}/b2api/v4/${operation}`, {
      method: "POST",
      headers: { authorization: this.token },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Answer;
  }
}
