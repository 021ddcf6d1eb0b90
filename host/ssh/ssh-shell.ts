import pLimit from "p-limit";
import type { Client, ClientChannel } from "ssh2";
import type { Connection } from "../connection";
import { HostError, type HostFailure } from "../host-error";
import type { Lock, LockingShell, Session } from "../session";
import type { Command } from "../shell";
import { connect } from "./connect";
import { lockCommand, lockRefusal } from "./lock-command";
import { remoteCommandLine, scriptOutput } from "./remote-command";
import { SshSession } from "./ssh-session";

/** sshd's MaxSessions is 10 by default; the rollout's session and a hand's breadth stay free. */
const channelLimit = 6;
/** The answer may take this time longer than the script's time limit. After that the connection counts as dead. */
const answerGraceSeconds = 20;
/** `timeout` reports a deadline with this exit code. */
const timedOut = 124;

/** The result of a remote process. */
interface Result {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultHint = (connection: Connection): string =>
  `look at the host: ssh -p ${connection.port} ${connection.user}@${connection.host} journalctl --since -10min`;

function cause(result: Result, timeoutSeconds: number): string {
  const words = result.stderr.trim() || result.stdout.trim();
  if (result.code === undefined) return "the connection broke before the answer came";
  if (result.code === timedOut) return `took longer than ${timeoutSeconds} s${words && `; its last output: ${words}`}`;
  return words || `exit code ${result.code}`;
}

function notRun(result: Result): string {
  const words = result.stderr.trim() || result.stdout.trim();
  return `the server did not run the script${words && `; it said: ${words}`}`;
}

const notRunHint = ({ host, port, user }: Connection): string =>
  `the login must run any command: check \`ssh -p ${port} ${user}@${host} bash -c true\`, the login shell of ${user} (chsh), and ForceCommand or command= (sshd_config, authorized_keys)`;

function collect(channel: ClientChannel, stdin: string): Promise<Result> {
  let stdout = "";
  let stderr = "";
  let code: number | undefined;
  channel.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  channel.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  channel.on("exit", (status: number | null) => (code = status ?? undefined));
  channel.end(stdin);
  return new Promise((resolve) =>
    channel.on("close", () => {
      resolve({ code, stdout, stderr });
    }),
  );
}

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${seconds} s: connection to the server lost`));
    }, seconds * 1000);
  });
  return Promise.race([work, deadline]).finally(() => {
    clearTimeout(timer);
  });
}

/** Runs commands over one ssh connection. The first command opens it, and the next command after a loss opens it again. */
export class SshShell implements LockingShell {
  private client: Promise<Client> | undefined;
  private readonly limit = pLimit(channelLimit);
  /** Text that the login shell printed before the last script. */
  loginNoise = "";

  constructor(private readonly connection: Connection) {}

  run(command: Command): Promise<string> {
    return this.limit(() => this.runNow(command));
  }

  async locked<T>(lock: Lock, work: (session: Session) => Promise<T>): Promise<T> {
    const command = lockCommand(lock);
    const session = await this.start(command, (channel) => new SshSession(channel));
    try {
      // The first step goes out together with the question for the lock, which saves a round trip.
      const result = work(session);
      result.catch(() => undefined);
      const answer = await within(answerGraceSeconds, session.firstLine);
      if (answer !== "ready") throw lockRefusal(command, answer, defaultHint(this.connection));
      return await result;
    } finally {
      session.close();
    }
  }

  /** Closes the connection; the process can then end. */
  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    client?.end();
  }

  private connected(): Promise<Client> {
    this.client ??= connect(this.connection).then((client) => {
      client.once("close", () => (this.client = undefined));
      return client;
    });
    this.client.catch(() => (this.client = undefined));
    return this.client;
  }

  /** Starts a script. `use` gets its channel at once: the exit code of a fast script may come in the same packet. */
  private async start<T>(command: Command, use: (channel: ClientChannel) => T): Promise<T> {
    const client = await this.connected();
    const line = remoteCommandLine(this.connection.user, command);
    return new Promise((resolve, reject) => {
      client.exec(line, (error, channel) => {
        if (error) reject(error);
        else resolve(use(channel));
      });
    });
  }

  private async runNow(command: Command): Promise<string> {
    const result = await within(command.timeoutSeconds + answerGraceSeconds, this.execute(command)).catch(
      (error: unknown) => {
        if (error instanceof HostError) throw error;
        throw this.failed(command, error instanceof Error ? error.message : String(error));
      },
    );
    return this.outputOf(command, result);
  }

  private outputOf(command: Command, result: Result): string {
    const output = scriptOutput(result.stdout);
    const hasEnded = result.code !== undefined && result.code !== timedOut;
    if (output === undefined && hasEnded)
      throw this.failed({ ...command, hint: command.hint ?? notRunHint(this.connection) }, notRun(result));
    this.loginNoise = output?.noise ?? "";
    const stdout = output?.stdout ?? "";
    if (result.code !== 0) throw this.failed(command, cause({ ...result, stdout }, command.timeoutSeconds));
    if (output?.complete !== true) throw this.failed(command, "the script did not run to its end");
    return stdout;
  }

  private async execute(command: Command): Promise<Result> {
    return this.start(command, (channel) => collect(channel, command.stdin ?? ""));
  }

  private failed({ operation, target, hint }: Command, reason: string): HostError {
    const failure: HostFailure = { operation, target, cause: reason, hint: hint ?? defaultHint(this.connection) };
    return new HostError(failure);
  }
}

/** One shell per host and process, so that a run opens one ssh connection however many resources it touches. */
export function pooledShells(): (connection: Connection) => SshShell {
  const shells = new Map<string, SshShell>();
  return (connection) => {
    const key = JSON.stringify(connection);
    const shell = shells.get(key) ?? new SshShell(connection);
    shells.set(key, shell);
    return shell;
  };
}
