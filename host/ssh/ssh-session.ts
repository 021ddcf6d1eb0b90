import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { isBeginMark } from "./remote-command";
import { readRepositoryFile } from "../../repository";
import { HostError } from "../host-error";
import type { Session } from "../session";
import type { Command } from "../shell";

/** The server ends the session and releases its lock after this time without a message from this program. */
export const silenceSeconds = 15;
const beatSeconds = 4;
/** The server ends a stopped step at once. Without an answer after this time the connection is dead. */
const stopGraceSeconds = 20;

/** One word of the protocol for all words of a step: the server starts one process to read them. */
const encode = (words: readonly string[]): string =>
  Buffer.from(words.map((word) => `${word}\0`).join("")).toString("base64");

interface Running {
  readonly command: Command;
  readonly id: number;
  stdout: string[];
  stderr: string[];
  late: boolean;
  readonly resolve: (stdout: string) => void;
  readonly reject: (error: Error) => void;
}

/** Speaks the protocol of `ssh/session.sh` over one channel. */
export class SshSession implements Session {
  private running: Running | undefined;
  private steps = 0;
  private readonly beat: NodeJS.Timeout;
  private lost = false;
  private hasBegun = false;
  private tellFirst: (line: string) => void = () => undefined;
  /** The first line of the server: `ready`, or `held` and the lock holder. Empty when the connection was lost before it. */
  readonly firstLine: Promise<string>;

  constructor(private readonly channel: Duplex) {
    const lines = createInterface({ input: channel, crlfDelay: Infinity });
    lines.on("line", (line) => {
      this.receive(line);
    });
    this.firstLine = new Promise((resolve) => {
      this.tellFirst = resolve;
      channel.once("close", () => {
        resolve("");
      });
    });
    this.beat = setInterval(() => this.channel.write("beat\n"), beatSeconds * 1000);
    this.channel.once("close", () => {
      this.end();
    });
  }

  /** Lines before the mark are those of the login shell. */
  private receive(line: string): void {
    if (!this.hasBegun) {
      this.hasBegun = isBeginMark(line);
      return;
    }
    this.tellFirst(line);
    const step = this.running;
    if (!step) return;
    if (line.startsWith("> ")) step.stdout.push(line.slice(2));
    else if (line.startsWith("! ")) step.stderr.push(line.slice(2));
    else if (line.startsWith(`= ${step.id} `)) this.finish(step, Number(line.split(" ")[2]));
  }

  run(command: Command): Promise<string> {
    if (this.lost) return Promise.reject(lockLost(command));
    return new Promise<string>((resolve, reject) => {
      const id = ++this.steps;
      this.running = { command, id, stdout: [], stderr: [], late: false, resolve, reject };
      const words = [readRepositoryFile("host", command.script), command.stdin ?? "", ...command.args];
      this.channel.write(`run ${id} ${encode(words)}\n`);
      this.bound(this.running);
    });
  }

  /** Ends the session and the running step, and releases the lock. */
  close(): void {
    this.channel.end();
    this.end();
  }

  private bound(step: Running): void {
    const deadline = setTimeout(() => {
      step.late = true;
      this.channel.write("stop\n");
    }, step.command.timeoutSeconds * 1000);
    const dead = setTimeout(
      () => {
        this.end();
      },
      (step.command.timeoutSeconds + stopGraceSeconds) * 1000,
    );
    const clear = () => {
      clearTimeout(deadline);
      clearTimeout(dead);
    };
    const { resolve, reject } = step;
    Object.assign(step, {
      resolve: (stdout: string) => {
        clear();
        resolve(stdout);
      },
      reject: (error: Error) => {
        clear();
        reject(error);
      },
    });
  }

  private finish(step: Running, code: number): void {
    this.running = undefined;
    const stdout = step.stdout.join("\n");
    if (code === 0 && !step.late) {
      step.resolve(stdout);
      return;
    }
    const { operation, target, timeoutSeconds, hint } = step.command;
    const words = step.stderr.join("\n") || stdout || `exit code ${code}`;
    const cause = step.late
      ? `took longer than ${timeoutSeconds} s${step.stderr.length ? `; its last output: ${words}` : ""}`
      : words;
    step.reject(
      new HostError({ operation, target, cause, hint: hint ?? "run `pulumi up` again: every step is safe to repeat" }),
    );
  }

  private end(): void {
    this.lost = true;
    clearInterval(this.beat);
    this.running?.reject(lockLost(this.running.command));
    this.running = undefined;
  }
}

const lockLost = ({ operation, target }: Command): HostError =>
  new HostError({
    operation,
    target,
    cause: "connection to the server lost; the lock was released",
    hint: "run `pulumi up` again: it continues from the present state of the server",
  });
