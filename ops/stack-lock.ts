import { hostname, userInfo } from "node:os";

/** The holder of a stack's lock. Only a state in a folder or a bucket has such locks. */
export interface StackLock {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** Time in the form of the engine. */
  readonly since: string;
}

const lockHolder = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;

/** The locks that the engine names when it refuses to run. */
export function parseLocks(output: string): StackLock[] {
  if (!/the stack is currently locked by \d+ lock/.test(output)) return [];
  return [...output.matchAll(lockHolder)].map(([, user = "", host = "", pid = "", since = ""]) => ({
    user,
    host,
    pid: Number(pid),
    since,
  }));
}

/** The machine and the user that run this program. */
export interface Machine {
  readonly user: string;
  readonly host: string;
  /** Whether this is a deploy job. GitHub runs one of them at a time. */
  readonly isDeployJob: boolean;
  isRunning(pid: number): boolean;
}

/**
 * Whether the run that took the lock has certainly ended: its process is not on this machine any more, or, in a deploy job,
 * it was an earlier deploy job. Deploy jobs run one at a time, so that job was killed.
 */
export function isAbandoned(lock: StackLock, machine: Machine): boolean {
  if (lock.user !== machine.user) return false;
  return lock.host === machine.host ? !machine.isRunning(lock.pid) : machine.isDeployJob;
}

/** The command that clears all locks of a stack. */
export const clearCommand = (stack: string): string => `pulumi cancel --yes --stack ${stack}`;

/** The holder of each lock. */
export const renderHolders = (locks: readonly StackLock[]): string =>
  locks
    .map(({ user, host, pid, since }) => `the stack is locked by ${user} on ${host} (process ${pid}) since ${since}`)
    .join("\n");

/** The holders of locks that can be in use, and how to clear them. */
export const renderLocks = (locks: readonly StackLock[], stack: string): string =>
  `${renderHolders(locks)}\n  next: if that run has ended or was killed, clear the lock: ${clearCommand(stack)}`;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, although it cannot be signalled.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The machine on which this program runs. */
export const thisMachine = (environment: NodeJS.ProcessEnv = process.env): Machine => ({
  user: userInfo().username,
  host: hostname(),
  isDeployJob: environment["GITHUB_ACTIONS"] === "true",
  isRunning,
});
