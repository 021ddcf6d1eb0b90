import { runtime } from "@pulumi/pulumi";

/**
 * From now on, an update that fails or is interrupted keeps these outputs of the last update, and prints them as they are. The
 * engine takes the outputs that a program has registered last; of a program without any it prints all as deleted.
 */
export function keepOutputs(last: Readonly<Record<string, unknown>>): void {
  const stack = runtime.getStackResource();
  if (stack) runtime.registerResourceOutputs(stack, last);
}
