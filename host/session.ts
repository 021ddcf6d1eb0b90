import { HostError } from "./host-error";
import type { Command, Shell } from "./shell";

/** Runs scripts one after the other while it holds a lock on the server. A step never runs without the lock. */
export interface Session {
  /** Like `Shell.run`. It also fails after the lock is lost. */
  run(command: Command): Promise<string>;
}

/** The lock to hold, and its description for other runs. */
export interface Lock {
  /** Path of the lock file on the server. Its directory is created, for root only. */
  readonly path: string;
  /** Lock file of an earlier version of this program. If root has one there, it is held too. */
  readonly formerPath?: string;
  /** The purpose, shown to everyone who finds the lock held: "rollout of notes". */
  readonly purpose: string;
}

/** Another run holds the lock. The message names the lock holder. */
export class LockHeld extends HostError {}

/** A shell that can hold a lock. */
export interface LockingShell extends Shell {
  /**
   * Takes the lock, does the work, releases the lock. The work begins at once: it must begin with a step of the session, which
   * the server runs only after it gave the lock. The server releases it 15 s after the last message of this program.
   * @throws LockHeld when another run holds the lock.
   */
  locked<T>(lock: Lock, work: (session: Session) => Promise<T>): Promise<T>;
}
