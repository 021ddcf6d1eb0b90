import * as log from "@pulumi/pulumi/log";
import { DependencyResource } from "@pulumi/pulumi/resource";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import { warningIn, type Report } from "../host/rollout/progress";

/** The lines of an operation on the resource with this URN. `pulumi up` shows the newest in the resource's row. */
export type StatusOf = (urn: string) => Report;

/**
 * Status messages of the engine: its terminal shows them while they are new, and its summary repeats only the warnings.
 * @param address host:port of the engine, the plugin's last argument. Without it, no line is shown.
 */
export function engineStatus(address: string | undefined): StatusOf {
  // The SDK connects a plugin to its engine only for a component resource.
  if (address !== undefined) resetOptions("", "", -1, address, "", false, "");
  return (urn) => (line) => {
    if (address === undefined) return;
    const warning = warningIn(line);
    const resource = new DependencyResource(urn);
    void (warning === undefined ? log.info(line, resource, undefined, true) : log.warn(warning, resource));
  };
}
