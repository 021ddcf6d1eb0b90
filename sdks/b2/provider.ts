import * as pulumi from "@pulumi/pulumi";
import * as utilities from "./utilities";

/** The provider type for the b2 package. What is not given comes from the environment (`B2_*`). */
export class Provider extends pulumi.ProviderResource {
    /** @internal */
    public static readonly __pulumiType = "b2";

    /** Returns true if the given object is an instance of Provider, across copies of this package. */
    public static isInstance(obj: any): obj is Provider {
        return obj?.["__pulumiType"] === "pulumi:providers:" + Provider.__pulumiType;
    }

    /** B2 Application Key (B2_APPLICATION_KEY env) */
    declare public readonly applicationKey: pulumi.Output<string | undefined>;
    /** B2 Application Key ID (B2_APPLICATION_KEY_ID env) */
    declare public readonly applicationKeyId: pulumi.Output<string | undefined>;
    /** B2 endpoint - the string 'production' or a custom B2 API URL (B2_ENDPOINT env) */
    declare public readonly endpoint: pulumi.Output<string | undefined>;

    constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions) {
        const resourceInputs: pulumi.Inputs = {
            applicationKey: args?.applicationKey ? pulumi.secret(args.applicationKey) : undefined,
            applicationKeyId: args?.applicationKeyId ? pulumi.secret(args.applicationKeyId) : undefined,
            endpoint: args?.endpoint,
        };
        const secretOpts = { additionalSecretOutputs: ["applicationKey", "applicationKeyId"] };
        opts = pulumi.mergeOptions(pulumi.mergeOptions(utilities.resourceOptsDefaults(), opts ?? {}), secretOpts);
        super(Provider.__pulumiType, name, resourceInputs, opts, false /*dependency*/, utilities.getPackage());
    }
}

/** The set of arguments for constructing a Provider resource. */
export interface ProviderArgs {
    applicationKey?: pulumi.Input<string>;
    applicationKeyId?: pulumi.Input<string>;
    endpoint?: pulumi.Input<string>;
}
