import { beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import { restartVps } from "../../rehearsal/world/world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { repositoryRoot } from "../../repository";

const [before, serving] = ["a0000a1", "b0000b1"] as const;

let system: DeployedWorld;

beforeAll(async () => {
  system = await DeployedWorld.open();
  await Promise.all([system.release(before), system.release(serving)]);
  await system.deploy(before);
  await system.deploy(serving);
});

const underLoad = (work: () => Promise<unknown>): Promise<LoadReport> =>
  system.underLoad({ clients: 20, pauseMs: 20 }, work);

describe("a VPS that restarts under load", () => {
  test("answers with the same release or not at all, and serves again without any action", async () => {
    const { byRelease, statuses } = await underLoad(async () => {
      await restartVps(system.world);
      const status = () =>
        system
          .health()
          .then(({ body }) => body["version"])
          .catch(() => "");
      await expect.poll(status, { timeout: 60_000 }).toBe(serving);
    });
    const { none = 0, ...answered } = byRelease;
    expect(answered).toEqual({ [serving]: statuses[200] });
    // nginx itself answers only that no release is available.
    expect(statuses).toEqual({ 200: statuses[200], ...(none > 0 && { 502: none }) });
    const { lost, statuses: afterwards } = await underLoad(() => system.onVps("sleep 5"));
    expect(lost).toEqual([]);
    expect(Object.keys(afterwards)).toEqual(["200"]);
  });
});

const sites = [
  ["nginx", "nginx.service"],
  ["the release's socket proxy", "memoryloop-release@*.service"],
] as const;

describe.each(sites)("%s, whose main process is killed eight times", (_, unit) => {
  const versionOrNone = () =>
    system.health().then(
      ({ body }) => body["version"],
      () => "none",
    );
  const processes = () => system.onVps(`systemctl show --property MainPID --value '${unit}'`);

  test("starts again each time, and serves", async () => {
    for (let kill = 1; kill <= 8; kill += 1) {
      const killed = await processes();
      expect(killed).toMatch(/[1-9]/);
      await system.onVps(`systemctl kill --signal KILL --kill-whom main '${unit}'`);
      // The proxy starts with the next request.
      await expect.poll(versionOrNone, { timeout: 60_000, interval: 200 }).toBe(serving);
      await expect.poll(processes, { timeout: 60_000, interval: 200 }).not.toBe(killed);
    }
    expect(await system.onVps(`systemctl is-failed '${unit}' || true`)).not.toContain("failed");
    expect(await ops("status")).toContain("from the server: 200");
  });
});

/** The output of a command that may fail: nobody resolves the name of the site here. */
function ops(command: string): Promise<string> {
  const line = [process.execPath, "dist/ops.cjs", command, "--config-file", stackFile(system.world)];
  const environment = { SSH_AUTH_SOCK: system.world.agentSocket };
  return run(["sh", "-c", '"$@" 2>&1 || true', "-", ...line], { cwd: repositoryRoot, environment, seconds: 120 });
}

describe("ops status and ops doctor", () => {
  test.each(["status", "doctor"])("%s asks the site: it does not serve without nginx", async (command) => {
    await system.onVps("systemctl stop nginx.service");
    try {
      expect(await ops(command)).toContain("from the server: does not serve: nginx is inactive");
    } finally {
      await system.onVps("systemctl start nginx.service");
    }
    expect(await ops(command)).toContain("from the server: 200");
  });
});

describe("a VPS with a new pinned host key", () => {
  test("is the same server: nothing is replaced, and no request is lost", async () => {
    const facts = () => system.onVps("docker ps --quiet --no-trunc; docker network ls --quiet --no-trunc");
    const found = await facts();
    // Debian has an RSA key by default; a rehearsal's VPS does not.
    await system.onVps("cp --preserve /etc/ssh/ssh_host_rsa4096_key /etc/ssh/ssh_host_rsa_key");
    const hostKey = await system.onVps("cut -d ' ' -f 1,2 /etc/ssh/ssh_host_rsa4096_key.pub");
    const otherKey = system.otherCheckout({ "host.hostKey": hostKey });
    const { lost, byRelease } = await underLoad(() => system.deploy(undefined, otherKey));
    expect(lost).toEqual([]);
    expect(Object.keys(byRelease)).toEqual([serving]);
    expect(await facts()).toBe(found);
    await system.deploy();
  });
});
