/** One run of a script of `host` on a server as root. */
export interface Command {
  /** The operation, in lower case, for errors: "apply file set". */
  readonly operation: string;
  /** The object of the operation, such as a path or a release. */
  readonly target: string;
  /** File name under `host`. */
  readonly script: `${string}.sh`;
  /** Positional arguments. Never a secret, because process lists show arguments. */
  readonly args: readonly string[];
  /** Standard input. The only place for secrets. */
  readonly stdin?: string;
  /** Time limit. After it the script is stopped and the command fails. */
  readonly timeoutSeconds: number;
  /** The next step when it fails. The default names the server's logs. */
  readonly hint?: string;
}

/** The only access to a server. Unit tests replace it with `test/support/fake-host.ts`. */
export interface Shell {
  /**
   * Runs a script as root and returns its standard output.
   * @throws HostError with the script's standard error as the cause when the exit code is not 0 or the time limit is reached.
   */
  run(command: Command): Promise<string>;
  /** Text that the login shell printed before the last script. A server that prints some breaks Docker's connection. */
  readonly loginNoise?: string;
}
