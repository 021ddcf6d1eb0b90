/** What went wrong on (or on the way to) a host: the operation, its object, the cause and the next step. */
export interface HostFailure {
  /** What was being done, in lower case: "apply file set". */
  readonly operation: string;
  /** What it was done to: a path, a release, a host. */
  readonly target: string;
  /** Why it failed, in the failing tool's own words where it has some. */
  readonly cause: string;
  /** What to do next: a command to type or a thing to check. */
  readonly hint: string;
}

/** A failure that a person can act on. Its message holds all four parts. */
export class HostError extends Error {
  constructor(readonly failure: HostFailure) {
    super(`${failure.operation} ${failure.target}: ${failure.cause}\n  next: ${failure.hint}`);
    this.name = "HostError";
  }
}
