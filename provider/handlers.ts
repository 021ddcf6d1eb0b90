import type { AnyHandler, OpenShell } from "./provider";
import { certificate } from "./resources/certificate";
import { fileSet } from "./resources/file-set";
import { rollout } from "./resources/rollout";
import { swarmNode } from "./resources/swarm-node";

/** The handlers of all resource types of the plugin `vps`, by type token. `open` reaches the other servers of a cluster. */
export const handlersWith = (open: OpenShell): Readonly<Record<string, AnyHandler>> => ({
  "vps:index:FileSet": fileSet,
  "vps:index:Certificate": certificate,
  "vps:index:Rollout": rollout(open),
  "vps:index:SwarmNode": swarmNode(open),
});
