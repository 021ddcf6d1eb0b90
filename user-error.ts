import { RunError } from "@pulumi/pulumi";

/**
 * An error whose message is all a user needs. Without its stack, because Pulumi prints the stack where there is one, and
 * Node 20 takes 20 s to map it (nodejs/node#64011).
 */
export function userError(message: string): RunError {
  const error = new RunError(message);
  delete error.stack;
  return error;
}
