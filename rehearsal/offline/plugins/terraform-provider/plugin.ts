import type { Plugin } from "../plugin";
import { b2Package } from "../../../../components/resources/b2-package";
import { text, withSecrets, type Properties } from "../value";
import { applicationKey } from "./application-key";
import { bucket } from "./bucket";
import { authorize } from "./native-api";
import { native } from "./native-resource";

/**
 * Stands in for the plugin `terraform-provider` with the parameter Backblaze/b2; checked against recordings of 1.1.3 with
 * b2 0.13.0 in test/conformance. Settings that are not configured come from the environment, as with the real plugin.
 */
export function terraformProvider(environment: NodeJS.ProcessEnv = process.env): Plugin {
  let args: Properties = {};
  const setting = (name: string, variable: string): string => text(args, name) || (environment[variable] ?? "");
  const login = () =>
    authorize({
      keyId: setting("applicationKeyId", "B2_APPLICATION_KEY_ID"),
      key: setting("applicationKey", "B2_APPLICATION_KEY"),
      endpoint: setting("endpoint", "B2_ENDPOINT") || "https://api.backblazeb2.com",
    });
  return {
    version: b2Package.baseProviderVersion,
    parameter: "b2",
    capabilities: { supportsPreview: true, acceptResources: true, supportsAutonamingConfiguration: true },
    resources: {
      "b2:index/bucket:Bucket": native(bucket, login),
      "b2:index/applicationKey:ApplicationKey": native(applicationKey, login),
    },
    checkConfig: (inputs) => withSecrets(inputs, ["applicationKey", "applicationKeyId"]),
    configure: (given) => {
      args = given;
    },
  };
}
