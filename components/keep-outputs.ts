import { runtime } from "@pulumi/pulumi";

/**
 * From now on, an update that fails keeps the stack's outputs, and prints them as they are. The engine adds the outputs that
 * a failed program has registered to the earlier ones. Without any, it prints all of them as deleted.
 */
export function keepOutputs(): void {
  const stack = runtime.getStackResource();
  if (stack) runtime.registerResourceOutputs(stack, {});
}
