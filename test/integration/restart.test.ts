import { beforeAll, describe, expect, test } from "vitest";
import { restartVps } from "../../rehearsal/world/world";
import type { LoadReport } from "../../rehearsal/driver/load";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

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
