import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { publicKey } from "./keys";
import { run } from "./run";

const seconds = 10;

const pidFile = (socket: string): string => `${socket}.pid`;

async function holdOnly(key: string, socket: string): Promise<void> {
  const options = { seconds, environment: { SSH_AUTH_SOCK: socket } };
  await run(["ssh-add", "-q", "-D"], options);
  await run(["ssh-add", "-q", key], options);
}

/** The public keys in the agent; `undefined` when no agent answers. */
const heldKeys = (socket: string): Promise<string | undefined> =>
  run(["ssh-add", "-L"], { seconds, environment: { SSH_AUTH_SOCK: socket } }).catch((error: unknown) =>
    // 1: "The agent has no identities."; 2: no agent.
    error instanceof Error && (error.cause as { code?: unknown }).code === 1 ? "" : undefined,
  );

/** @throws Error when the output of ssh-agent is not its shell commands. */
export function parseAgentPid(output: string): string {
  const pid = /SSH_AGENT_PID=(\d+)/.exec(output)?.[1];
  if (pid === undefined) throw new Error(`ssh-agent did not print its process id:\n${output}`);
  return pid;
}

/** Ensures that an agent with only the world's key runs. It continues after this process, and is started again if it ended. */
export async function ensureAgent(socket: string, key: string): Promise<void> {
  let held = await heldKeys(socket);
  if (held === undefined) {
    rmSync(socket, { force: true });
    const output = await run(["ssh-agent", "-s", "-a", socket], { seconds });
    writeFileSync(pidFile(socket), parseAgentPid(output));
    held = "";
  }
  if (!held.includes(publicKey(key))) await holdOnly(key, socket);
}

/** Ends the world's agent. Another process with the same id is not touched. */
export async function removeAgent(socket: string): Promise<void> {
  if (!existsSync(pidFile(socket))) return;
  const pid = readFileSync(pidFile(socket), "utf8");
  const command = await run(["ps", "-o", "args=", "-p", pid], { seconds }).catch(() => "");
  if (command.includes(socket)) process.kill(Number(pid), "SIGTERM");
  rmSync(socket, { force: true });
  rmSync(pidFile(socket));
}
