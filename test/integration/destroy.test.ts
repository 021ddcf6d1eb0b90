import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeWorld } from "../../rehearsal/world/world";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { repositoryRoot } from "../../repository";

const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "destroy-test" };
const tag = "a0000aa";

let system: DeployedWorld;

beforeAll(async () => {
  await removeWorld(options, quietly);
  system = await DeployedWorld.open(options.suffix);
  await system.release(tag);
});

afterAll(() => removeWorld(options, quietly));

/** The things on the server that a full destroy must remove and that still exist. */
const leftBehind = (): Promise<string> =>
  system.onVps(
    [
      "docker ps --all --quiet --filter label=app=memoryloop",
      "docker network ls --quiet --filter name=memoryloop",
      "ls /etc/nginx/sites-enabled /etc/nginx/sites-available | grep memoryloop",
      "systemctl list-unit-files --no-legend 'memoryloop*'",
      "nft list tables | grep vps",
    ].join("; ") + "; true",
  );

type Run = Parameters<DeployedWorld["up"]>[1];

async function destroyAll(run: Run): Promise<void> {
  const { code, output } = await system.pulumiRun(["destroy", "--yes", "--skip-preview"], run);
  expect(code, output).toBe(0);
  const state = await system.pulumiRun(["stack", "export"], run);
  expect(JSON.parse(state.output)).not.toHaveProperty("deployment.resources.0");
}

const stacks: Readonly<Record<string, () => NonNullable<Run>>> = {
  "without backups": () => system.otherCheckout({ backups: undefined }),
  "with backups": () => ({}),
};

describe.each(Object.entries(stacks))("a destroy of everything, %s", (_, runOf) => {
  test("finishes twice, leaves nothing on the server, and up works again", async () => {
    const run = runOf();
    for (let round = 0; round < 2; round++) {
      await system.deploy(tag, run);
      expect((await system.health()).body["version"]).toBe(tag);
      await system.pulumiRun(["state", "unprotect", "--all", "--yes"], run);
      await destroyAll(run);
      expect(await leftBehind()).toBe("");
      await destroyAll(run);
    }
    await system.deploy(tag, run);
    expect((await system.health()).body["version"]).toBe(tag);
    await system.pulumiRun(["state", "unprotect", "--all", "--yes"], run);
    await destroyAll(run);
  });
});
