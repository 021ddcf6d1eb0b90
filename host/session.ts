import { HostError } from "./host-error";
import type { Command, Shell } from "./shell";

/** Runs scripts one after the other while it holds a lock of the host. A step never runs without the lock. */
export interface Session {
  /** As `Shell.run`; fails, too, once the lock is lost. */
  run(command: Command): Promise<string>;
}

/** Which lock to hold, and who to name to others who want it. */
export interface Lock {
  /** Path of the lock file on the host. Its directory is made, for root only. */
  readonly path: string;
  /** Lock file of an earlier version of this program. If root has one there, it is held too. */
  readonly formerPath?: string;
  /** The purpose, shown to everyone who finds the lock held: "rollout of memoryloop". */
  readonly purpose: string;
}

/** The lock is held by another, whom its message names. */
export class LockHeld extends HostError {}

/** A shell that can hold a lock. */
export interface LockingShell extends Shell {
  /**
   * Takes the lock, does the work, frees the lock. The host frees it by itself 15 s after this side fell silent.
   * @throws LockHeld when the lock is taken.
   */
  locked<T>(lock: Lock, work: (session: Session) => Promise<T>): Promise<T>;
}
