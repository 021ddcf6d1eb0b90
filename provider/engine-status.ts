import * as log from "@pulumi/pulumi/log";
import { DependencyResource } from "@pulumi/pulumi/resource";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import type { Report } from "../host/rollout/progress";

/** The lines of an operation on the resource with this URN. `pulumi up` shows the newest in the resource's row. */
export type StatusOf = (urn: string) => Report;

/**
 * Status messages of the engine: its terminal shows them while they are new, and its summary does not repeat them.
 * @param address host:port of the engine, the plugin's last argument. Without it, no line is shown.
 */
export function engineStatus(address: string | undefined): StatusOf {
  // The SDK connects a plugin to its engine only for a component resource.
  if (address !== undefined) resetOptions("", "", -1, address, "", false, "");
  return (urn) => (line) => {
    if (address !== undefined) void log.info(line, new DependencyResource(urn), undefined, true);
  };
}
