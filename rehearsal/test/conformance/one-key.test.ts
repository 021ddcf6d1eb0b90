import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Connection } from "../../../host/connection";
import { connect } from "../../../host/ssh/connect";
import { clientOptions } from "../../../host/ssh/client-options";
import { writeIdentityFiles } from "../../../host/ssh/identity-file";
import { OneKeyAgent, serveAgent } from "../../../host/ssh/one-key-agent";
import { connectionOf } from "../../offline/plugins/command/connection";
import { runRemote } from "../../offline/plugins/command/remote";
import { sshArguments } from "../../offline/plugins/docker/dial-stdio";
import { PrivateSshd } from "./support/private-sshd";

const otherKeys = 8;
let sshd: PrivateSshd;
let folder: string;
let agent: ChildProcess;
let agentSocket: string;
let identity: string;
const former = process.env["SSH_AUTH_SOCK"];

const add = (file: string) =>
  execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: "ignore" });

/** An agent with eight other keys before the right one: more than sshd's MaxAuthTries. */
beforeAll(async () => {
  sshd = await PrivateSshd.start();
  folder = mkdtempSync(path.join(tmpdir(), "one-key-"));
  agentSocket = path.join(folder, "agent");
  agent = spawn("ssh-agent", ["-D", "-a", agentSocket], { stdio: "ignore" });
  await vi.waitUntil(() => existsSync(agentSocket), { timeout: 10_000 });
  for (let number = 0; number < otherKeys; number++) {
    const file = path.join(folder, `other-${number}`);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    add(file);
  }
  add(sshd.clientKeyFile);
  identity = execFileSync("ssh-keygen", ["-y", "-f", sshd.clientKeyFile], { encoding: "utf8" }).trim();
  identity = identity.split(" ").slice(0, 2).join(" ");
  process.env["SSH_AUTH_SOCK"] = agentSocket;
});
afterAll(() => {
  if (former === undefined) delete process.env["SSH_AUTH_SOCK"];
  else process.env["SSH_AUTH_SOCK"] = former;
  agent.kill();
  sshd.stop();
  rmSync(folder, { recursive: true });
});

const direct = (): Connection => ({ host: "127.0.0.1", port: sshd.port, user: sshd.user, hostKey: sshd.hostKey });
const jumping = (): Connection => ({ ...direct(), jump: direct() });

/** The program's own path: its file sets and `ops`. */
async function ours(connection: Connection): Promise<string> {
  const client = await connect(connection);
  client.end();
  return "connected";
}

/** The command plugin, with the connection that components/command-connection.ts makes. */
async function command(connection: Connection): Promise<string> {
  const { host, port, user, hostKey, identity: key, jump } = connection;
  const socket = path.join(folder, "one-key.sock");
  if (key !== undefined) await serveAgent(new OneKeyAgent(agentSocket, key), socket);
  const hop = { host, port, user, hostKey, ...(key !== undefined && { agentSocketPath: socket }) };
  const limits = { dialErrorLimit: 0, perDialTimeout: 15 };
  const proxy = jump && { ...hop, ...limits, host: jump.host, port: jump.port, hostKey: jump.hostKey };
  const parsed = connectionOf({ connection: { ...hop, ...limits, ...(proxy && { proxy }) } });
  const remote = { command: "echo connected", stdin: "", environment: {}, heard: () => undefined };
  return (await runRemote(parsed, remote)).stdout;
}

/** The ssh client of the docker plugin and of `ops exec`. */
function ssh(connection: Connection): Promise<string> {
  writeIdentityFiles(connection);
  const address = `ssh://${connection.user}@127.0.0.1:${connection.port}`;
  const words = sshArguments({ address, sshOpts: clientOptions(connection) }).slice(0, -3);
  const { status, stdout, stderr } = spawnSync("ssh", [...words, "echo", "connected"], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return status === 0 ? Promise.resolve(stdout.trim()) : Promise.reject(new Error(stderr));
}

const paths = { ours, command, ssh };

describe.each(Object.entries(paths))("the path %s", (_, go) => {
  test("is refused when the agent offers eight other keys first", async () => {
    await expect(go(direct())).rejects.toThrow(/too many authentication failures|more keys than|disconnect/i);
  });

  test("connects with the key of host.identity alone", async () => {
    expect(await go({ ...direct(), identity })).toBe("connected");
  });

  test("connects through a jump host, each with its pinned host key", async () => {
    const before = sshd.logins();
    expect(await go({ ...jumping(), identity })).toBe("connected");
    expect(sshd.logins()).toBe(before + 2);
  });

  test("refuses a jump host with another key than the pinned one", async () => {
    const jump = { ...direct(), hostKey: sshd.otherKey };
    await expect(go({ ...direct(), identity, jump })).rejects.toThrow(/host key|Host denied|handshake|verification/i);
  });
});

test("the served agent signs with its own key alone", async () => {
  const socket = path.join(folder, "served.sock");
  await serveAgent(new OneKeyAgent(agentSocket, identity), socket);
  // Not in a synchronous call: this process serves the agent.
  const { stdout } = await promisify(execFile)("ssh-add", ["-L"], {
    env: { ...process.env, SSH_AUTH_SOCK: socket },
    timeout: 10_000,
  });
  const [kind, blob] = stdout.trim().split(" ");
  expect([stdout.trim().split("\n").length, `${kind} ${blob}`]).toEqual([1, identity]);
});

test("a refusal names host.identity and the command that lists the keys", async () => {
  await expect(connect(direct())).rejects.toThrow(
    /more keys than the host's MaxAuthTries allows[^]*ssh-add -L[^]*pulumi config set --path host.identity/,
  );
});
