import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** Where Docker is, as the provider's `host` and `sshOpts` say. */
export interface SshHost {
  /** The address as given: `ssh://user@host:port`. */
  readonly address: string;
  readonly sshOpts: readonly string[];
}

/** How long ssh may take to get through. The real plugin has the same bound. */
const connectSeconds = 30;
/** The end of what ssh said on standard error is enough to tell why it failed. */
const keptWords = 2000;
/** How long a broken connection's ssh has to say why. */
const exitMilliseconds = 1000;

/** The arguments of the ssh that carries Docker's API: those of Docker's own client. */
export function sshArguments({ address, sshOpts }: SshHost): string[] {
  const url = new URL(address);
  return [
    ...sshOpts,
    ...["-o", `ConnectTimeout=${connectSeconds}`, "-T"],
    ...(url.username === "" ? [] : ["-l", decodeURIComponent(url.username)]),
    ...(url.port === "" ? [] : ["-p", url.port]),
    ...["--", url.hostname, "docker", "system", "dial-stdio"],
  ];
}

/** Dials a host's Docker through `ssh ... docker system dial-stdio`: each stream is an ssh process of its own. */
export class DialStdio {
  private child: ChildProcessWithoutNullStreams | undefined;
  private words = "";

  constructor(private readonly host: SshHost) {}

  /** A stream to the host's Docker. It breaks when ssh ends. */
  dial(): Duplex {
    if (!this.host.address.startsWith("ssh://")) {
      throw new Error(`the rehearsal's stand-in reaches Docker over ssh:// only, not "${this.host.address}"`);
    }
    const child = spawn("ssh", sshArguments(this.host));
    this.child = child;
    this.words = "";
    child.stderr.on("data", (data: Buffer) => {
      this.words = (this.words + data.toString("utf8")).slice(-keptWords);
    });
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    child.once("error", (error) => stream.destroy(error));
    stream.once("close", () => child.kill());
    return Object.assign(stream, socketHabits);
  }

  /** Why ssh ended, if it did; a moment is given to it, since its output ends before the process does. */
  async lastWords(): Promise<string | undefined> {
    const { child } = this;
    if (child === undefined) return undefined;
    if (child.exitCode === null) await Promise.race([once(child, "close"), delay(exitMilliseconds)]);
    return child.exitCode === null ? undefined : describeExit(sshArguments(this.host), child.exitCode, this.words);
  }

  /** Ends the ssh process. */
  close(): void {
    this.child?.kill();
  }
}

const describeExit = (args: readonly string[], code: number, words: string): string =>
  `command [ssh ${args.join(" ")}] has exited with exit status ${code}, make sure the URL is valid, and Docker` +
  ` 18.09 or later is installed on the remote host: stderr=${words}`;

/** Methods of a socket that Node's http agent calls. A process's pipes do not need them. */
const socketHabits = {
  setKeepAlive: () => undefined,
  setNoDelay: () => undefined,
  setTimeout: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
};
