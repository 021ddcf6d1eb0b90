import type { AnyHandler, Invocation } from "./provider";
import { certificate } from "./certificate/handler";
import { fileSet } from "./file-set/handler";
import { preflight } from "./preflight/preflight";
import { rollout } from "./rollout/handler";
import { clearStray } from "./stray/clear-stray";

/** Type token -> handler: every kind of resource the plugin `vps` has. */
export const handlers: Readonly<Record<string, AnyHandler>> = {
  "vps:index:FileSet": fileSet as unknown as AnyHandler,
  "vps:index:Certificate": certificate as unknown as AnyHandler,
  "vps:index:Rollout": rollout as unknown as AnyHandler,
};

/** Token -> function: what a program can ask the plugin without declaring a resource. */
export const invocations: Readonly<Record<string, Invocation>> = {
  "vps:index:preflight": preflight,
  "vps:index:clearStray": clearStray,
};
