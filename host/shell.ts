/** A script of `host`, with what it needs to run once on a host as root. */
export interface Command {
  /** The operation, in lower case, for errors: "apply file set". */
  readonly operation: string;
  /** The object: a path, a release. */
  readonly target: string;
  /** File name under `host`. */
  readonly script: `${string}.sh`;
  /** Positional arguments. Never a secret: arguments show in process lists. */
  readonly args: readonly string[];
  /** Standard input. The only place for secrets. */
  readonly stdin?: string;
  /** The script is ended and the command fails after this long. */
  readonly timeoutSeconds: number;
  /** The next step when it fails. The default names the server's logs. */
  readonly hint?: string;
}

/** The only way to touch a host. One fake of it serves every unit test. */
export interface Shell {
  /**
   * Runs a script as root and returns its standard output.
   * @throws HostError with the script's standard error as the cause when it exits non-zero, or runs out of time.
   */
  run(command: Command): Promise<string>;
}
