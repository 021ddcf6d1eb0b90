import { RunError } from "@pulumi/pulumi";

/** An error for the operator: only its message. Pulumi would also print the stack trace of an ordinary error. */
export function userError(message: string): RunError {
  const error = new RunError(message);
  delete error.stack;
  return error;
}
