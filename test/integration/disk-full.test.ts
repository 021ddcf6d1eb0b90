import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupCommands } from "../../host/backup/backup-commands";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { readStack } from "../../ops/stack";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";
import { stackFile } from "../../rehearsal/pulumi";
import { run } from "../../rehearsal/world/run";
import { removeWorld } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

// Each folder that the program writes is a small disk of its own, which the tests fill.

const [first, second] = ["a0000aa", "b0000bb"] as const;
const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "disk-test" };

const disks = { "/opt/memoryloop": "400m", "/var/lib/memoryloop": "16m" } as const;
let system: DeployedWorld;
let shell: SshShell;
let backups: BackupCommands;

beforeAll(async () => {
  await removeWorld(options, quietly);
  system = await DeployedWorld.open(options.suffix);
  const mounts = Object.entries(disks).map(
    ([folder, size]) => `mkdir -p ${folder} && mount -t tmpfs -o size=${size},mode=755 tmpfs ${folder}`,
  );
  await system.onVps(mounts.join(" && "));
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  const { connection, app } = readStack("rehearsal", stackFile(system.world));
  shell = pooledShells()(connection);
  backups = new BackupCommands(shell, app.name);
  await system.release(first);
  await system.release(second);
  await system.deploy(first);
  await system.addItem("one");
  await backups.backup("daily");
});
afterAll(async () => {
  await shell.close();
  await removeWorld(options, quietly);
});

const version = async (): Promise<unknown> => (await system.health()).body["version"];

/** The work, while the disk has no room. */
async function whileFull<T>(disk: string, work: () => Promise<T>): Promise<T> {
  await system.onVps(`cat /dev/zero >${disk}/.fill 2>/dev/null || true`);
  try {
    return await work();
  } finally {
    await system.onVps(`rm ${disk}/.fill`);
  }
}

const reasonOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it succeeded",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

const fullDisk = /No space left on device[^]*next: a disk of the server is full: make room on it/;

function ops(...words: string[]): Promise<string> {
  const line = [process.execPath, "dist/ops.cjs", ...words, "--config-file", stackFile(system.world)];
  const environment = { PATH: process.env["PATH"] ?? "", SSH_AUTH_SOCK: system.world.agentSocket };
  return run(line, { cwd: repositoryRoot, environment, seconds: 120 });
}

describe.each(["/opt/memoryloop", "/var/lib/memoryloop"] as const)("while %s is full", (disk) => {
  test("a deployment fails with the cause, the active release serves, and the next run deploys", async () => {
    await system.deploy(first);
    const { code, output } = await whileFull(disk, async () => {
      // A rollback of an earlier test refuses the tag.
      const ended = await system.up(second, { extraWords: ["--config", `force=${second}`] });
      expect(await version()).toBe(first);
      return ended;
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(fullDisk);
    await system.deploy(second);
    expect(await version()).toBe(second);
  });

  test("a rollback fails with the cause or works, and a release serves all the time", async () => {
    const reason = await whileFull(disk, async () => {
      const told = await reasonOf(ops("rollback", "--now"));
      expect((await system.health()).status).toBe(200);
      return told;
    });
    if (reason !== "it succeeded") {
      expect(reason).toMatch(fullDisk);
      await ops("rollback", "--now");
    }
    expect(await version()).toBe(first);
  });

  test("a backup fails with the cause, the earlier one stays, and the next one is verified", async () => {
    const before = await backups.list();
    expect(await whileFull(disk, () => reasonOf(backups.backup("daily")))).toMatch(
      /No space left on device|free some space on its disk/,
    );
    expect((await backups.list()).backups).toEqual(before.backups);
    expect(await backups.backup("daily")).toMatchObject({ status: "success" });
  });

  test("a restore fails with the cause and changes no data, and the next one restores", async () => {
    await backups.backup("daily");
    const rows = await system.countItems();
    await system.addItem("after the backup");
    expect(await whileFull(disk, () => reasonOf(backups.restoreInPlace("latest")))).toMatch(
      /No space left on device|free some space on its disk/,
    );
    expect(await system.countItems()).toBe(rows + 1);
    await backups.restoreInPlace("latest");
    expect(await system.countItems()).toBe(rows);
  });
});

// Last, because the disk of the certificates stays.
describe("while the disk of the certificates is full", () => {
  const folder = "/etc/letsencrypt";
  const renew = (): Promise<string> =>
    system.onVps(
      `certbot -q renew --cert-name ${system.world.domain} --force-renewal --no-random-sleep-on-renew 2>&1 && echo renewed || true`,
    );
  const served = (): Promise<string> =>
    system.onVps(
      `openssl s_client -connect 127.0.0.1:443 -servername ${system.world.domain} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
    );

  beforeAll(async () => {
    // The stack learns of the rollbacks before.
    await system.deploy(first);
    await system.onVps(
      `cp -a ${folder} /root/copy && mount -t tmpfs -o size=1m,mode=755 tmpfs ${folder} && cp -a /root/copy/. ${folder}/`,
    );
  });

  test("a renewal fails with the cause, the present certificate is served, and the next renewal needs no hand", async () => {
    const before = await served();
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await whileFull(folder, renew)).toContain("No space left on device");
      await system.onVps("/usr/local/lib/vps/nginx-reload");
      expect(await served()).toBe(before);
    }
    expect(await renew()).toBe("renewed");
    expect(await served()).not.toBe(before);
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"]);
    expect(code, output).toBe(0);
  });

  test("an update that needs a certificate fails with the cause, and the next one gets it", async () => {
    const { domain } = system.world;
    const more = system.otherCheckout({ "app.domain": undefined, "app.domains": [domain, "more.test"] });
    const { code, output } = await whileFull(folder, () => system.up(undefined, more));
    expect(code).not.toBe(0);
    expect(output).toMatch(fullDisk);
    expect((await system.health()).status).toBe(200);
    await system.deploy(undefined, more);
    expect((await system.health()).status).toBe(200);
  });
});
