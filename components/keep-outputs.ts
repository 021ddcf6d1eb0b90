import { runtime } from "@pulumi/pulumi";
import { ownOutputs } from "./stack-outputs";

/**
 * From now on, an update that fails or is interrupted keeps the outputs of the last update, and prints them as they are. The
 * engine takes the outputs that a program has registered last; of a program without any it prints all as deleted.
 */
export async function keepOutputs(): Promise<void> {
  const stack = runtime.getStackResource();
  if (stack) runtime.registerResourceOutputs(stack, await ownOutputs());
}
