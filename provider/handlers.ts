import type { AnyHandler } from "./provider";
import { certificate } from "./resources/certificate";
import { fileSet } from "./resources/file-set";
import { rollout } from "./resources/rollout";

/** The handlers of all resource types of the plugin `vps`, by type token. */
export const handlers: Readonly<Record<string, AnyHandler>> = {
  "vps:index:FileSet": fileSet,
  "vps:index:Certificate": certificate,
  "vps:index:Rollout": rollout,
};
