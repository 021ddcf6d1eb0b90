// Replaces the connection to a server in unit tests of handlers. The tests in test/integration check the real one.
import type { LockingShell, Session } from "../../host/session";
import type { Command } from "../../host/shell";

/** The answer of a script: its standard output, or an error to throw. */
export type Answer = string | Error;

/** A host that answers scripts from a table and remembers every command it was given. */
export class FakeHost implements LockingShell {
  readonly commands: Command[] = [];
  readonly locks: string[] = [];

  constructor(private readonly answers: Readonly<Record<string, Answer | ((command: Command) => Answer)>> = {}) {}

  run(command: Command): Promise<string> {
    this.commands.push(command);
    const answer = this.answers[command.script] ?? "";
    const value = typeof answer === "function" ? answer(command) : answer;
    return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  }

  locked<T>(lock: { path: string }, work: (session: Session) => Promise<T>): Promise<T> {
    this.locks.push(lock.path);
    return work(this);
  }

  /** The scripts that ran, in order. */
  get scripts(): string[] {
    return this.commands.map(({ script }) => script);
  }
}
