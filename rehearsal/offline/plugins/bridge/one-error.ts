/** An error as Go's multierror prints it: bridged plugins wrap their provider's errors in it. */
export const oneError = (message: string, cause?: unknown): Error =>
  new Error(`1 error occurred:\n\t* ${message}\n\n`, { cause });
