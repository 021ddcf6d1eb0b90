import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../../../world/run";

const sshdProgram = "/usr/sbin/sshd";
const startSeconds = 10;

/** A real sshd of the test's own on 127.0.0.1, reached by a key in an agent of the test's own. */
export class PrivateSshd {
  readonly user = userInfo().username;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly sshd: ChildProcess,
    private readonly agent: ChildProcess,
  ) {}

  /** Installs sshd where it is missing and can be, then starts it and the agent. */
  static async start(): Promise<PrivateSshd> {
    await ensureSshd();
    const folder = mkdtempSync(path.join(tmpdir(), "conformance-sshd-"));
    for (const name of ["host", "client", "other"]) {
      await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, name)], { seconds: 20 });
    }
    const port = await freePort();
    writeFileSync(path.join(folder, "config"), sshdConfig(folder, port));
    writeFileSync(path.join(folder, "log"), "");
    const options = ["-D", "-f", path.join(folder, "config"), "-E", path.join(folder, "log")];
    const sshd = spawn(sshdProgram, options, { stdio: "ignore" });
    const agent = spawn("ssh-agent", ["-D", "-a", path.join(folder, "agent")], { stdio: "ignore" });
    const started = new PrivateSshd(port, folder, sshd, agent);
    await started.answers();
    await run(["ssh-add", "-q", path.join(folder, "client")], {
      seconds: 10,
      environment: { SSH_AUTH_SOCK: started.agentSocket },
    });
    return started;
  }

  get agentSocket(): string {
    return path.join(this.folder, "agent");
  }

  get clientKeyFile(): string {
    return path.join(this.folder, "client");
  }

  get hostKeyFile(): string {
    return path.join(this.folder, "host");
  }

  /** The host's public key: type and base64. */
  get hostKey(): string {
    return this.publicKey("host");
  }

  /** A public key that is not the host's. */
  get otherKey(): string {
    return this.publicKey("other");
  }

  /** A file with the host's key for `UserKnownHostsFile`. */
  get knownHosts(): string {
    const file = path.join(this.folder, "known_hosts");
    writeFileSync(file, `[127.0.0.1]:${this.port} ${this.hostKey}\n`);
    return file;
  }

  /** How many logins there were so far. */
  logins(): number {
    return readFileSync(path.join(this.folder, "log"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("Accepted")).length;
  }

  stop(): void {
    this.sshd.kill();
    this.agent.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private publicKey(name: string): string {
    return readFileSync(path.join(this.folder, `${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ")
      .trim();
  }

  private async answers(): Promise<void> {
    const deadline = Date.now() + startSeconds * 1000;
    while (!((await accepts(this.port)) && existsSync(this.agentSocket))) {
      if (Date.now() > deadline) {
        const log = readFileSync(path.join(this.folder, "log"), "utf8");
        throw new Error(`sshd on port ${this.port} or its agent did not start within ${startSeconds} s:\n${log}`);
      }
      await delay(50);
    }
  }
}

const sshdConfig = (folder: string, port: number): string =>
  [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${path.join(folder, "host")}`,
    `AuthorizedKeysFile ${path.join(folder, "client.pub")}`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PasswordAuthentication no",
    "PermitRootLogin yes",
    "AcceptEnv CONFORMANCE_* PULUMI_COMMAND_*",
    "",
  ].join("\n");

async function ensureSshd(): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (!existsSync(sshdProgram)) {
    if (!isRoot) throw new Error("these tests need sshd, and only root can install it: apt-get install openssh-server");
    const environment = { DEBIAN_FRONTEND: "noninteractive" };
    await run(["apt-get", "-qq", "update"], { seconds: 300, environment });
    await run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "openssh-server"], {
      seconds: 300,
      environment,
    });
  }
  // Made by the service's start, which never happens where there is no service manager.
  if (isRoot) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
