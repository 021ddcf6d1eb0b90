export interface BucketCorsRule {
    allowedHeaders?: string[];
    allowedOperations: string[];
    allowedOrigins: string[];
    corsRuleName: string;
    exposeHeaders?: string[];
    maxAgeSeconds: number;
}

export interface BucketDefaultServerSideEncryption {
    algorithm?: string;
    mode?: string;
}

export interface BucketFileLockConfiguration {
    defaultRetention?: BucketFileLockConfigurationDefaultRetention;
    isFileLockEnabled?: boolean;
}

export interface BucketFileLockConfigurationDefaultRetention {
    mode: string;
    period?: BucketFileLockConfigurationDefaultRetentionPeriod;
}

export interface BucketFileLockConfigurationDefaultRetentionPeriod {
    duration: number;
    unit: string;
}

export interface BucketLifecycleRule {
    daysFromHidingToDeleting?: number;
    daysFromStartingToCancelingUnfinishedLargeFiles?: number;
    daysFromUploadingToHiding?: number;
    fileNamePrefix: string;
}
