import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { HostError } from "../host-error";
import type { Lock, LockingShell, Session } from "../session";
import type { Command } from "../shell";
import { lockCommand, lockRefusal } from "../ssh/lock-command";
import { remoteCommandLine, scriptOutput } from "../ssh/remote-command";
import { SshSession } from "../ssh/ssh-session";

const hint = "look at the server: journalctl --since -10min";

const start = (command: Command) =>
  spawn("sh", ["-c", remoteCommandLine("root", command)], { stdio: ["pipe", "pipe", "pipe"] });

/** The shell of the machine that this program runs on. It runs the same scripts as the shell over ssh. */
export class LocalShell implements LockingShell {
  run(command: Command): Promise<string> {
    const child = start(command);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.on("error", () => undefined).end(command.stdin ?? "");
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        const output = scriptOutput(stdout)?.stdout ?? "";
        const cause = stderr.trim() || output.trim() || `exit code ${code ?? "unknown"}`;
        if (code === 0) resolve(output);
        else reject(new HostError({ operation: command.operation, target: command.target, cause, hint }));
      });
    });
  }

  async locked<T>(lock: Lock, work: (session: Session) => Promise<T>): Promise<T> {
    const command = lockCommand(lock);
    const child = start(command);
    const session = new SshSession(
      Duplex.from({ readable: child.stdout, writable: child.stdin }).on("error", () => undefined),
    );
    try {
      // The first step goes out together with the question for the lock, which saves a round trip.
      const result = work(session);
      result.catch(() => undefined);
      const answer = await session.firstLine;
      if (answer !== "ready") throw lockRefusal(command, answer, hint);
      return await result;
    } finally {
      session.close();
    }
  }
}
