import * as pulumi from "@pulumi/pulumi";
import * as types from "./types";
import * as utilities from "./utilities";

export class Bucket extends pulumi.CustomResource {
    /** Gets the state of an existing Bucket by its name and id. */
    public static get(name: string, id: pulumi.Input<pulumi.ID>, state?: BucketState, opts?: pulumi.CustomResourceOptions): Bucket {
        return new Bucket(name, state as any, { ...opts, id: id });
    }

    /** @internal */
    public static readonly __pulumiType = "b2:index/bucket:Bucket";

    /** Returns true if the given object is an instance of Bucket, across copies of this package. */
    public static isInstance(obj: any): obj is Bucket {
        return obj?.["__pulumiType"] === Bucket.__pulumiType;
    }

    declare public readonly accountId: pulumi.Output<string>;
    declare public readonly b2BucketId: pulumi.Output<string>;
    declare public readonly bucketId: pulumi.Output<string>;
    declare public readonly bucketInfo: pulumi.Output<{ [key: string]: string } | undefined>;
    declare public readonly bucketName: pulumi.Output<string>;
    declare public readonly bucketType: pulumi.Output<string>;
    declare public readonly corsRules: pulumi.Output<types.output.BucketCorsRule[] | undefined>;
    declare public readonly defaultServerSideEncryption: pulumi.Output<types.output.BucketDefaultServerSideEncryption | undefined>;
    declare public readonly fileLockConfigurations: pulumi.Output<types.output.BucketFileLockConfiguration[]>;
    declare public readonly lifecycleRules: pulumi.Output<types.output.BucketLifecycleRule[] | undefined>;
    declare public readonly options: pulumi.Output<string[]>;
    declare public readonly revision: pulumi.Output<number>;

    constructor(name: string, args: BucketArgs, opts?: pulumi.CustomResourceOptions);
    constructor(name: string, argsOrState?: BucketArgs | BucketState, opts?: pulumi.CustomResourceOptions) {
        const resourceInputs: pulumi.Inputs = {};
        opts = opts || {};
        if (opts.id) {
            const state = argsOrState as BucketState | undefined;
            resourceInputs["accountId"] = state?.accountId;
            resourceInputs["b2BucketId"] = state?.b2BucketId;
            resourceInputs["bucketId"] = state?.bucketId;
            resourceInputs["bucketInfo"] = state?.bucketInfo;
            resourceInputs["bucketName"] = state?.bucketName;
            resourceInputs["bucketType"] = state?.bucketType;
            resourceInputs["corsRules"] = state?.corsRules;
            resourceInputs["defaultServerSideEncryption"] = state?.defaultServerSideEncryption;
            resourceInputs["fileLockConfigurations"] = state?.fileLockConfigurations;
            resourceInputs["lifecycleRules"] = state?.lifecycleRules;
            resourceInputs["options"] = state?.options;
            resourceInputs["revision"] = state?.revision;
        } else {
            const args = argsOrState as BucketArgs | undefined;
            if (args?.bucketName === undefined && !opts.urn) {
                throw new Error("Missing required property 'bucketName'");
            }
            if (args?.bucketType === undefined && !opts.urn) {
                throw new Error("Missing required property 'bucketType'");
            }
            resourceInputs["b2BucketId"] = args?.b2BucketId;
            resourceInputs["bucketInfo"] = args?.bucketInfo;
            resourceInputs["bucketName"] = args?.bucketName;
            resourceInputs["bucketType"] = args?.bucketType;
            resourceInputs["corsRules"] = args?.corsRules;
            resourceInputs["defaultServerSideEncryption"] = args?.defaultServerSideEncryption;
            resourceInputs["fileLockConfigurations"] = args?.fileLockConfigurations;
            resourceInputs["lifecycleRules"] = args?.lifecycleRules;
            resourceInputs["accountId"] = undefined /*out*/;
            resourceInputs["bucketId"] = undefined /*out*/;
            resourceInputs["options"] = undefined /*out*/;
            resourceInputs["revision"] = undefined /*out*/;
        }
        opts = pulumi.mergeOptions(utilities.resourceOptsDefaults(), opts);
        super(Bucket.__pulumiType, name, resourceInputs, opts, false /*dependency*/, utilities.getPackage());
    }
}

/** Input properties used for looking up and filtering Bucket resources. */
export interface BucketState {
    accountId?: pulumi.Input<string>;
    b2BucketId?: pulumi.Input<string>;
    bucketId?: pulumi.Input<string>;
    bucketInfo?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
    bucketName?: pulumi.Input<string>;
    bucketType?: pulumi.Input<string>;
    corsRules?: pulumi.Input<pulumi.Input<types.input.BucketCorsRule>[]>;
    defaultServerSideEncryption?: pulumi.Input<types.input.BucketDefaultServerSideEncryption>;
    fileLockConfigurations?: pulumi.Input<pulumi.Input<types.input.BucketFileLockConfiguration>[]>;
    lifecycleRules?: pulumi.Input<pulumi.Input<types.input.BucketLifecycleRule>[]>;
    options?: pulumi.Input<pulumi.Input<string>[]>;
    revision?: pulumi.Input<number>;
}

/** The set of arguments for constructing a Bucket resource. */
export interface BucketArgs {
    b2BucketId?: pulumi.Input<string>;
    bucketInfo?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
    bucketName: pulumi.Input<string>;
    bucketType: pulumi.Input<string>;
    corsRules?: pulumi.Input<pulumi.Input<types.input.BucketCorsRule>[]>;
    defaultServerSideEncryption?: pulumi.Input<types.input.BucketDefaultServerSideEncryption>;
    fileLockConfigurations?: pulumi.Input<pulumi.Input<types.input.BucketFileLockConfiguration>[]>;
    lifecycleRules?: pulumi.Input<pulumi.Input<types.input.BucketLifecycleRule>[]>;
}
