/** A failure on a server or on the connection to it: operation, object, cause and next step. */
export interface HostFailure {
  /** The operation, in lower case: "apply file set". */
  readonly operation: string;
  /** The object: a path, a release, a server. */
  readonly target: string;
  /** Why it failed, in the failing tool's own words where it has some. */
  readonly cause: string;
  /** The next step: a command to type or a thing to check. */
  readonly hint: string;
  /** More to read, such as log lines, after the next step: cause and next step come first. */
  readonly details?: string;
}

const fullDisk = /No space left on device|ENOSPC|Disk quota exceeded/i;

/** A full disk comes first: until there is room, the next step of the operation fails in the same way. */
function nextStep({ cause, hint }: HostFailure): string {
  if (!fullDisk.test(cause)) return hint;
  return `a disk of the server is full: make room on it (\`df -h\` and \`df -i\` on the server show which one), then ${hint}`;
}

/** A failure that a person can act on. Its message holds all parts. */
export class HostError extends Error {
  constructor(readonly failure: HostFailure) {
    const { operation, target, cause, details } = failure;
    super(
      [`${operation} ${target}: ${cause}`, `  next: ${nextStep(failure)}`, ...(details ? [details] : [])].join("\n"),
    );
    this.name = "HostError";
  }
}
