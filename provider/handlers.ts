import type { AnyHandler } from "./provider";
import { certificate } from "./resources/certificate";
import { fileSet } from "./resources/file-set";
import { rollout } from "./resources/rollout";

/** Type token -> handler: every kind of resource the plugin `vps` has. */
export const handlers: Readonly<Record<string, AnyHandler>> = {
  "vps:index:FileSet": fileSet,
  "vps:index:Certificate": certificate,
  "vps:index:Rollout": rollout,
};
