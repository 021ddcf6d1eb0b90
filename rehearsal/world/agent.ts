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

/** The public keys the agent holds, or `undefined` where none answers. */
const heldKeys = (socket: string): Promise<string | undefined> =>
  run(["ssh-add", "-L"], { seconds, environment: { SSH_AUTH_SOCK: socket } }).catch((error: unknown) =>
    // 1: "The agent has no identities."; 2: no agent.
    error instanceof Error && (error.cause as { code?: unknown }).code === 1 ? "" : undefined,
  );

/** @throws Error where ssh-agent says something else than its shell commands. */
export function parseAgentPid(output: string): string {
  const pid = /SSH_AGENT_PID=(\d+)/.exec(output)?.[1];
  if (pid === undefined) throw new Error(`ssh-agent did not say its process id:\n${output}`);
  return pid;
}

/** An agent that outlives this process and holds exactly the world's key. Started again where it died. */
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

/** Ends the world's agent. A process that merely got its id later is left alone. */
export async function removeAgent(socket: string): Promise<void> {
  if (!existsSync(pidFile(socket))) return;
  const pid = readFileSync(pidFile(socket), "utf8");
  const command = await run(["ps", "-o", "args=", "-p", pid], { seconds }).catch(() => "");
  if (command.includes(socket)) process.kill(Number(pid), "SIGTERM");
  rmSync(socket, { force: true });
  rmSync(pidFile(socket));
}
