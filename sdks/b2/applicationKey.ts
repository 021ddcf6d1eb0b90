import * as pulumi from "@pulumi/pulumi";
import * as utilities from "./utilities";

export class ApplicationKey extends pulumi.CustomResource {
    /** Gets the state of an existing ApplicationKey by its name and id. */
    public static get(name: string, id: pulumi.Input<pulumi.ID>, state?: ApplicationKeyState, opts?: pulumi.CustomResourceOptions): ApplicationKey {
        return new ApplicationKey(name, state as any, { ...opts, id: id });
    }

    /** @internal */
    public static readonly __pulumiType = "b2:index/applicationKey:ApplicationKey";

    /** Returns true if the given object is an instance of ApplicationKey, across copies of this package. */
    public static isInstance(obj: any): obj is ApplicationKey {
        return obj?.["__pulumiType"] === ApplicationKey.__pulumiType;
    }

    declare public readonly applicationKey: pulumi.Output<string>;
    declare public readonly applicationKeyId: pulumi.Output<string>;
    declare public readonly b2ApplicationKeyId: pulumi.Output<string>;
    declare public readonly bucketId: pulumi.Output<string>;
    declare public readonly bucketIds: pulumi.Output<string[] | undefined>;
    declare public readonly capabilities: pulumi.Output<string[]>;
    declare public readonly expirationTimestamp: pulumi.Output<number>;
    declare public readonly keyName: pulumi.Output<string>;
    declare public readonly namePrefix: pulumi.Output<string | undefined>;
    declare public readonly options: pulumi.Output<string[]>;
    declare public readonly validDurationInSeconds: pulumi.Output<number | undefined>;

    constructor(name: string, args: ApplicationKeyArgs, opts?: pulumi.CustomResourceOptions);
    constructor(name: string, argsOrState?: ApplicationKeyArgs | ApplicationKeyState, opts?: pulumi.CustomResourceOptions) {
        const resourceInputs: pulumi.Inputs = {};
        opts = opts || {};
        if (opts.id) {
            const state = argsOrState as ApplicationKeyState | undefined;
            resourceInputs["applicationKey"] = state?.applicationKey;
            resourceInputs["applicationKeyId"] = state?.applicationKeyId;
            resourceInputs["b2ApplicationKeyId"] = state?.b2ApplicationKeyId;
            resourceInputs["bucketId"] = state?.bucketId;
            resourceInputs["bucketIds"] = state?.bucketIds;
            resourceInputs["capabilities"] = state?.capabilities;
            resourceInputs["expirationTimestamp"] = state?.expirationTimestamp;
            resourceInputs["keyName"] = state?.keyName;
            resourceInputs["namePrefix"] = state?.namePrefix;
            resourceInputs["options"] = state?.options;
            resourceInputs["validDurationInSeconds"] = state?.validDurationInSeconds;
        } else {
            const args = argsOrState as ApplicationKeyArgs | undefined;
            if (args?.capabilities === undefined && !opts.urn) {
                throw new Error("Missing required property 'capabilities'");
            }
            if (args?.keyName === undefined && !opts.urn) {
                throw new Error("Missing required property 'keyName'");
            }
            resourceInputs["b2ApplicationKeyId"] = args?.b2ApplicationKeyId;
            resourceInputs["bucketId"] = args?.bucketId;
            resourceInputs["bucketIds"] = args?.bucketIds;
            resourceInputs["capabilities"] = args?.capabilities;
            resourceInputs["keyName"] = args?.keyName;
            resourceInputs["namePrefix"] = args?.namePrefix;
            resourceInputs["validDurationInSeconds"] = args?.validDurationInSeconds;
            resourceInputs["applicationKey"] = undefined /*out*/;
            resourceInputs["applicationKeyId"] = undefined /*out*/;
            resourceInputs["expirationTimestamp"] = undefined /*out*/;
            resourceInputs["options"] = undefined /*out*/;
        }
        opts = pulumi.mergeOptions(utilities.resourceOptsDefaults(), opts);
        opts = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["applicationKey"] });
        super(ApplicationKey.__pulumiType, name, resourceInputs, opts, false /*dependency*/, utilities.getPackage());
    }
}

/** Input properties used for looking up and filtering ApplicationKey resources. */
export interface ApplicationKeyState {
    applicationKey?: pulumi.Input<string>;
    applicationKeyId?: pulumi.Input<string>;
    b2ApplicationKeyId?: pulumi.Input<string>;
    bucketId?: pulumi.Input<string>;
    bucketIds?: pulumi.Input<pulumi.Input<string>[]>;
    capabilities?: pulumi.Input<pulumi.Input<string>[]>;
    expirationTimestamp?: pulumi.Input<number>;
    keyName?: pulumi.Input<string>;
    namePrefix?: pulumi.Input<string>;
    options?: pulumi.Input<pulumi.Input<string>[]>;
    validDurationInSeconds?: pulumi.Input<number>;
}

/** The set of arguments for constructing a ApplicationKey resource. */
export interface ApplicationKeyArgs {
    b2ApplicationKeyId?: pulumi.Input<string>;
    bucketId?: pulumi.Input<string>;
    bucketIds?: pulumi.Input<pulumi.Input<string>[]>;
    capabilities: pulumi.Input<pulumi.Input<string>[]>;
    keyName: pulumi.Input<string>;
    namePrefix?: pulumi.Input<string>;
    validDurationInSeconds?: pulumi.Input<number>;
}
