import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../../rehearsal/world/run";
import { Road, type Ended } from "../support/road";

let road: Road;

beforeAll(async () => {
  road = await Road.open();
});

const withValues = (values: Readonly<Record<string, unknown>>): Promise<Ended> =>
  road.up("a0000aa", road.otherCheckout(values));

/** The run failed, for this reason, and changed nothing: not one resource was touched. */
function expectRefusal({ code, output }: Ended, ...reasons: readonly string[]): void {
  for (const reason of reasons) expect(output).toContain(reason);
  expect(code).not.toBe(0);
  expect(output).not.toMatch(/(created|updated|replaced) \(/);
}

describe("pulumi up refuses before anything is touched", () => {
  test("without an ssh agent", async () => {
    const ended = await road.up("a0000aa", { environment: { SSH_AUTH_SOCK: "" } });
    expectRefusal(ended, "no ssh agent: SSH_AUTH_SOCK is not set", "eval $(ssh-agent) && ssh-add");
  });

  test("with an agent that has no key the host accepts", async () => {
    const socket = join(mkdtempSync(join(tmpdir(), "agent-")), "s");
    const started = await run(["ssh-agent", "-a", socket], { seconds: 10 });
    const pid = /SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? "";
    try {
      const ended = await road.up("a0000aa", { environment: { SSH_AUTH_SOCK: socket } });
      expectRefusal(ended, "the host refused every key of the ssh agent for user root", "ssh-add -l");
    } finally {
      process.kill(Number(pid));
    }
  });

  test("a host with another key than the pinned one", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB";
    expectRefusal(await withValues({ "host.hostKey": other }), "the host's key is not the pinned one", "ssh-keyscan");
  });

  test("a host without a pinned key", async () => {
    expectRefusal(await withValues({ "host.hostKey": "" }), "host.hostKey: must be a public host key");
  });

  test("an unreachable host", async () => {
    expectRefusal(
      await withValues({ "host.port": 1 }),
      "connect to root@127.0.0.1:1: ECONNREFUSED",
      "ssh -p 1 root@127.0.0.1",
    );
  });

  test("an image tag the registry does not have", async () => {
    const ended = await road.up("c0ffee0", road.otherCheckout());
    expect(ended.output).toContain("got bad response from registry: 404 Not Found");
    expect(ended.code).not.toBe(0);
    expect(ended.output).not.toMatch(/(updated|replaced) \(/);
  });

  test("a configuration with several mistakes, all named in one report", async () => {
    const ended = await withValues({ "app.name": "Memory Loop", "network.subnet": "10.0.0.0/8" });
    expectRefusal(ended, "has 2 problem(s)", "app.name: lower case letters", "network.subnet: a /16 network");
  });
});

describe("a first deployment without a tag", () => {
  test("says what to type", async () => {
    const stack = ["--stack", "organization/memoryloop-infra/untagged"];
    await road.pulumiRun(["stack", "init", "untagged"], { cwd: road.world.folder, stackArguments: [] });
    const ended = await road.pulumiRun(["preview"], { ...road.otherCheckout(), stackArguments: stack });
    expect(ended.output).toContain("no image tag: nothing is deployed yet");
    expect(ended.output).toContain("pulumi up -c imageTag=<commit sha of a pushed image>");
    expect(ended.code).not.toBe(0);
  });
});
