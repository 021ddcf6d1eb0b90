import { bridged } from "../bridge/bridged";
import type { Plugin } from "../plugin";
import { sdkVersion } from "../sdk-version";
import { container } from "./container";
import { network } from "./network";
import { DockerHost, checkedConfig } from "./provider-config";
import { getRegistryImage } from "./registry";
import { remoteImage } from "./remote-image";
import { secret } from "./secret";
import { service } from "./service";

/** Stands in for the plugin `docker`; checked against recordings of 5.1.0 and 5.2.0 in test/conformance. */
export function docker(): Plugin {
  const host = new DockerHost();
  return {
    version: sdkVersion("docker"),
    capabilities: { supportsPreview: true, supportsAutonamingConfiguration: true },
    resources: {
      "docker:index/container:Container": bridged(container(host)),
      "docker:index/network:Network": bridged(network(host)),
      "docker:index/remoteImage:RemoteImage": bridged(remoteImage(host)),
      "docker:index/secret:Secret": bridged(secret(host)),
      "docker:index/service:Service": service(host),
    },
    functions: { "docker:index/getRegistryImage:getRegistryImage": getRegistryImage(host) },
    checkConfig: checkedConfig,
    configure: (args) => {
      host.configure(args);
    },
    close: () => {
      host.close();
    },
  };
}
