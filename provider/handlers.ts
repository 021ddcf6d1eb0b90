import type { AnyHandler } from "./provider";
import { certificate } from "./resources/certificate";
import { fileSet } from "./resources/file-set";
import { rollout } from "./resources/rollout";

/** Type token -> handler: every kind of resource the plugin `vps` has. */
export const handlers: Readonly<Record<string, AnyHandler>> = {
  "vps:index:FileSet": fileSet as unknown as AnyHandler,
  "vps:index:Certificate": certificate as unknown as AnyHandler,
  "vps:index:Rollout": rollout as unknown as AnyHandler,
};
