import * as pulumi from "@pulumi/pulumi";

export interface BucketCorsRule {
    allowedHeaders?: pulumi.Input<pulumi.Input<string>[]>;
    allowedOperations: pulumi.Input<pulumi.Input<string>[]>;
    allowedOrigins: pulumi.Input<pulumi.Input<string>[]>;
    corsRuleName: pulumi.Input<string>;
    exposeHeaders?: pulumi.Input<pulumi.Input<string>[]>;
    maxAgeSeconds: pulumi.Input<number>;
}

export interface BucketDefaultServerSideEncryption {
    algorithm?: pulumi.Input<string>;
    mode?: pulumi.Input<string>;
}

export interface BucketFileLockConfiguration {
    defaultRetention?: pulumi.Input<BucketFileLockConfigurationDefaultRetention>;
    isFileLockEnabled?: pulumi.Input<boolean>;
}

export interface BucketFileLockConfigurationDefaultRetention {
    mode: pulumi.Input<string>;
    period?: pulumi.Input<BucketFileLockConfigurationDefaultRetentionPeriod>;
}

export interface BucketFileLockConfigurationDefaultRetentionPeriod {
    duration: pulumi.Input<number>;
    unit: pulumi.Input<string>;
}

export interface BucketLifecycleRule {
    daysFromHidingToDeleting?: pulumi.Input<number>;
    daysFromStartingToCancelingUnfinishedLargeFiles?: pulumi.Input<number>;
    daysFromUploadingToHiding?: pulumi.Input<number>;
    fileNamePrefix: pulumi.Input<string>;
}
