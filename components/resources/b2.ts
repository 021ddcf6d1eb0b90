import * as pulumi from "@pulumi/pulumi";
import { b2Package } from "./b2-package";

const { packageName, packageVersion: version } = b2Package;

const registered = (): Promise<string | undefined> => pulumi.runtime.registerPackage(b2Package);

/** A B2 account. The master key comes from the environment (`B2_APPLICATION_KEY_ID`, `B2_APPLICATION_KEY`). */
export class B2Provider extends pulumi.ProviderResource {
  constructor(name: string, args: { readonly endpoint?: string | undefined }, opts?: pulumi.ResourceOptions) {
    const options = pulumi.mergeOptions({ version }, opts);
    super(packageName, name, { endpoint: args.endpoint }, options, false, registered());
  }
}

export interface BucketArgs {
  /** Unique among all buckets of Backblaze. Another name replaces the bucket. */
  readonly bucketName: pulumi.Input<string>;
  readonly bucketType: "allPrivate" | "allPublic";
  readonly defaultServerSideEncryption: { readonly algorithm: string; readonly mode: string };
  readonly lifecycleRules: readonly {
    /** Names that the rule is about. */
    readonly fileNamePrefix: string;
    readonly daysFromHidingToDeleting: number;
    readonly daysFromStartingToCancelingUnfinishedLargeFiles: number;
  }[];
}

/** A bucket. https://www.backblaze.com/docs/cloud-storage-buckets */
export class Bucket extends pulumi.CustomResource {
  static readonly __pulumiType = "b2:index/bucket:Bucket";

  declare readonly bucketId: pulumi.Output<string>;
  declare readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: BucketArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { accountId: undefined, bucketId: undefined, options: undefined, revision: undefined };
    const options = pulumi.mergeOptions({ version }, opts);
    super(Bucket.__pulumiType, name, { ...args, ...outputs }, options, false, registered());
  }
}

export interface ApplicationKeyArgs {
  readonly keyName: pulumi.Input<string>;
  /** Rights of the key. https://www.backblaze.com/docs/cloud-storage-application-key-capabilities */
  readonly capabilities: readonly string[];
  /** The key opens only these buckets. */
  readonly bucketIds: readonly pulumi.Input<string>[];
}

/** A key. Every change replaces it. The secret `applicationKey` is encrypted in the state. */
export class ApplicationKey extends pulumi.CustomResource {
  static readonly __pulumiType = "b2:index/applicationKey:ApplicationKey";

  declare readonly applicationKey: pulumi.Output<string>;
  declare readonly applicationKeyId: pulumi.Output<string>;

  constructor(name: string, args: ApplicationKeyArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      applicationKey: undefined,
      applicationKeyId: undefined,
      expirationTimestamp: undefined,
      options: undefined,
    };
    const options = pulumi.mergeOptions({ version, additionalSecretOutputs: ["applicationKey"] }, opts);
    super(ApplicationKey.__pulumiType, name, { ...args, ...outputs }, options, false, registered());
  }
}
