import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureAgent, parseAgentPid, removeAgent } from "../../world/agent";
import { ensureKeys, publicKey } from "../../world/keys";
import { run } from "../../world/run";

let folder: string;
let socket: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-"));
  socket = join(folder, "socket");
});
afterEach(async () => {
  await removeAgent(socket);
  rmSync(folder, { recursive: true });
});

const heldKeys = (): Promise<string> => run(["ssh-add", "-L"], { seconds: 5, environment: { SSH_AUTH_SOCK: socket } });

describe("parseAgentPid", () => {
  test("reads what ssh-agent prints for a shell", () => {
    expect(
      parseAgentPid(
        "SSH_AUTH_SOCK=/s; export SSH_AUTH_SOCK;\nSSH_AGENT_PID=41; export SSH_AGENT_PID;\necho Agent pid 41;\n",
      ),
    ).toBe("41");
  });

  test("refuses anything else", () => {
    expect(() => parseAgentPid("no")).toThrow("ssh-agent did not print its process id");
  });
});

describe("ensureAgent", () => {
  test("holds the world's key and no other, started once and again after its death", async () => {
    const { client, host } = await ensureKeys(folder, "acme.test");
    await ensureAgent(socket, host);
    const pid = readFileSync(`${socket}.pid`, "utf8");
    await ensureAgent(socket, client);
    expect(await heldKeys()).toBe(`${publicKey(client)} rehearsal-client\n`);
    expect(readFileSync(`${socket}.pid`, "utf8")).toBe(pid);

    process.kill(Number(pid), "SIGKILL");
    await ensureAgent(socket, client);
    expect(await heldKeys()).toContain(publicKey(client));
  });
});

describe("removeAgent", () => {
  test("ends the agent and leaves nothing", async () => {
    const { client } = await ensureKeys(folder, "acme.test");
    await ensureAgent(socket, client);
    await removeAgent(socket);
    await expect(heldKeys()).rejects.toThrow("ssh-add -L: failed");
    expect([existsSync(socket), existsSync(`${socket}.pid`)]).toEqual([false, false]);
  });
});
