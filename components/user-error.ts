import { RunError } from "@pulumi/pulumi";

/** An error whose message is all a user needs: without its stack, which Pulumi would print. */
export function userError(message: string): RunError {
  const error = new RunError(message);
  delete error.stack;
  return error;
}
