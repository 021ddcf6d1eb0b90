import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, explainConnectFailure } from "../../../host/ssh/connect";

const connection = { host: "127.0.0.1", port: 1, user: "root", hostKey: "ssh-ed25519 AAAA" };

describe("explainConnectFailure", () => {
  test("a wrong host key says how to compare it", () => {
    const { cause, hint } = explainConnectFailure(new Error("Host denied (verification failed)"), connection);
    expect(cause).toBe("the server's host key is not the pinned one");
    expect(hint).toContain("ssh-keyscan -p 1 127.0.0.1");
  });

  test("an agent with too many keys is named, with the commands that leave one", () => {
    const error = Object.assign(new Error("Too many authentication failures"), { code: 2 });
    expect(explainConnectFailure(error, connection)).toEqual({
      cause: "the ssh agent offered more keys than the host's MaxAuthTries allows, before the right one",
      hint: 'choose the key: `ssh-add -L` lists them, then pulumi config set --path host.identity "<the key\'s line>"; or keep one key in the agent: `ssh-add -D`, then `ssh-add <key file>`',
    });
    expect(explainConnectFailure(Object.assign(new Error("Bye"), { code: 11 }), connection).cause).toBe("Bye");
  });

  test("no accepted key says how to list and add keys", () => {
    const error = Object.assign(new Error("All configured authentication methods failed"), {
      level: "client-authentication",
    });
    expect(explainConnectFailure(error, connection)).toEqual({
      cause: "the server refused every key of the ssh agent for user root",
      hint: "`ssh-add -l` lists the agent's keys; add one that root@127.0.0.1 accepts with `ssh-add`",
    });
  });
});

describe("connect", () => {
  const agent = process.env["SSH_AUTH_SOCK"];
  beforeEach(() => delete process.env["SSH_AUTH_SOCK"]);
  afterEach(() => {
    if (agent !== undefined) process.env["SSH_AUTH_SOCK"] = agent;
  });

  test("without an agent says so before it dials", async () => {
    await expect(connect(connection)).rejects.toThrow(
      "connect to root@127.0.0.1:1: no ssh agent: SSH_AUTH_SOCK is not set\n  next: start one and add your key: `eval $(ssh-agent) && ssh-add`",
    );
  });

  test("an unreachable host names the code and the command to try", async () => {
    process.env["SSH_AUTH_SOCK"] = "/nonexistent/agent";
    await expect(connect(connection)).rejects.toThrow("connect to root@127.0.0.1:1: ECONNREFUSED");
  });
});
