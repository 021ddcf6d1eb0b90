import { hostname, userInfo } from "node:os";

/** Who holds a stack's lock, in a state backend of one's own (a folder or a bucket). */
export interface StackLock {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** As the engine wrote it. */
  readonly since: string;
}

const heldBy = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;

/** The locks that a refused run names. */
export function parseLocks(output: string): StackLock[] {
  if (!/the stack is currently locked by \d+ lock/.test(output)) return [];
  return [...output.matchAll(heldBy)].map(([, user = "", host = "", pid = "", since = ""]) => ({
    user,
    host,
    pid: Number(pid),
    since,
  }));
}

/** This machine and user, and what is known of its processes. */
export interface Here {
  readonly user: string;
  readonly host: string;
  /** In a deploy job, of which GitHub runs one at a time. */
  readonly deployJob: boolean;
  isRunning(pid: number): boolean;
}

/**
 * Whether nobody can be behind the lock any more: a process of this machine that is gone, or, in a deploy job, a runner
 * of an earlier job: the jobs take turns, so it was killed.
 */
export function isAbandoned(lock: StackLock, here: Here): boolean {
  if (lock.user !== here.user) return false;
  return lock.host === here.host ? !here.isRunning(lock.pid) : here.deployJob;
}

/** What to do about locks that somebody else may hold. */
export const renderLocks = (locks: readonly StackLock[], stack: string): string =>
  [
    ...locks.map(
      ({ user, host, pid, since }) => `the stack is locked by ${user} on ${host} (process ${pid}) since ${since}`,
    ),
    `if that run is over or was killed, clear the lock: pulumi cancel --yes --stack ${stack}`,
  ].join("\n");

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where this program runs. */
export const here = (environment: NodeJS.ProcessEnv = process.env): Here => ({
  user: userInfo().username,
  host: hostname(),
  deployJob: environment["GITHUB_ACTIONS"] === "true",
  isRunning,
});
