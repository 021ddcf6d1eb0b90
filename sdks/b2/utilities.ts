import * as pulumi from "@pulumi/pulumi";

/** @internal */
export function getVersion(): string {
    return "0.13.0";
}

/** @internal */
export function resourceOptsDefaults(): { version: string; pluginDownloadURL: string } {
    return { version: getVersion(), pluginDownloadURL: "" };
}

/**
 * The engine's reference to this package: the base plugin with its parameter.
 * @internal
 */
export function getPackage(): Promise<string | undefined> {
    return pulumi.runtime.registerPackage({
        baseProviderName: "terraform-provider",
        baseProviderVersion: "1.1.3",
        baseProviderDownloadUrl: "",
        packageName: "b2",
        packageVersion: getVersion(),
        base64Parameter: "eyJyZW1vdGUiOnsidXJsIjoicmVnaXN0cnkub3BlbnRvZnUub3JnL2JhY2tibGF6ZS9iMiIsInZlcnNpb24iOiIwLjEzLjAifX0=",
    });
}
