import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupCommands } from "../../host/backup/backup-commands";
import { readStack } from "../../ops/stack";
import { pooledShells, type SshShell } from "../../host/ssh/ssh-shell";
import { stackFile } from "../../rehearsal/pulumi";
import { powerOffVps, removeWorld, restartVps, startVps, type World } from "../../rehearsal/world/world";
import { readRepositoryFile, repositoryRoot } from "../../repository";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const quietly = (): void => undefined;
const options = { checkout: repositoryRoot, suffix: "reboot-test" };

/** The names of the job's steps. */
const steps = [
  ...readRepositoryFile("rootfs/backups/usr/local/lib/{{app}}-backup/backup.sh").matchAll(/^ +enter '([^']+)'$/gm),
].map(([, step]) => step ?? "");

/** Ways to stop and start the server. */
const ways: Readonly<Record<string, (world: World) => Promise<void>>> = {
  "a power cut": async (world) => {
    await powerOffVps(world);
    await startVps(world);
  },
  "a reboot": restartVps,
};

let system: DeployedWorld;
let shell: SshShell;
let backups: BackupCommands;

beforeAll(async () => {
  await removeWorld(options, quietly);
  system = await DeployedWorld.open(options.suffix);
  await system.release("a000001");
  await system.deploy("a000001");
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  const stack = readStack("rehearsal", stackFile(system.world));
  shell = pooledShells()(stack.connection);
  backups = new BackupCommands(shell, stack.app.name);
  await backups.backup("daily");
});
afterAll(async () => {
  await shell.close();
  await removeWorld(options, quietly);
});

/** Makes bash wait forever before a command for which the condition is true. A boot removes this fault: its files are in memory. */
const holdWhere = (condition: string): string => `cat >/run/hold.sh <<'END'
set -o functrace
trap 'if ${condition}; then touch /run/memoryloop/held; sleep infinity; fi' DEBUG
END`;
const held = "timeout 50 bash -c 'until [ -e /run/memoryloop/held ]; do sleep 0.1; done'";

async function holdJobAt(step: string): Promise<void> {
  const folder = "/run/systemd/system/memoryloop-backup@.service.d";
  await system.onVps(`${holdWhere(`[ "\${FUNCNAME[0]:-}:\${step:-}" = "run:${step}" ]`)}
mkdir -p ${folder} && printf '[Service]\\nEnvironment=BASH_ENV=/run/hold.sh\\n' >${folder}/hold.conf && systemctl daemon-reload
systemctl start --no-block memoryloop-backup@permanent && ${held}`);
}

const siteServes = () => expect.poll(async () => (await system.health()).status, { timeout: 60_000 }).toBe(200);

describe("a backup that a reboot interrupts", () => {
  test.each(steps.flatMap((step) => Object.keys(ways).map((way) => [way, step] as const)))(
    "%s at the step %s: the run is listed as interrupted, and the next backup is verified",
    async (way, step) => {
      await holdJobAt(step);
      await ways[way]?.(system.world);
      const { lastRun } = await backups.list();
      expect(["interrupted", "failed"]).toContain(lastRun?.status);
      expect(lastRun?.step).toBe(step);
      expect((await backups.backup("daily")).status).toBe("success");
      expect(
        await system.onVps(
          "cd /opt/memoryloop && ls -A backups/staging && ls -A scratch && { ls -d data/.[a-z]* || true; }",
        ),
      ).toBe("");
    },
  );

  test("every backup in the bucket can be restored", async () => {
    const { backups: all } = await backups.list();
    for (const { location } of all ?? []) await backups.drill(location.replace(/^.*\//, "").replace(".tar.zst", ""));
    expect((all ?? []).filter(({ retentionDays }) => retentionDays > 0)).toHaveLength(7);
  });
});

describe("a restore in place that a power cut interrupts between its renames", () => {
  test("is undone at the next boot: the site serves the data from before the restore", async () => {
    const before = await system.onVps("ls -A /opt/memoryloop/data/lancedb/items.lance/_versions");
    await system.onVps(`${holdWhere("[[ $BASH_COMMAND = *mv*new*data* ]]")}
systemd-run --property=EnvironmentFile=/opt/memoryloop/config/backup.env --setenv=APP=memoryloop --setenv=BASH_ENV=/run/hold.sh \\
  /usr/local/lib/memoryloop-backup/restore.sh in-place latest && ${held}`);
    expect(await system.onVps("ls /opt/memoryloop/data")).toMatch(/^lancedb\.before-\S+$/);
    await powerOffVps(system.world);
    await startVps(system.world);
    await siteServes();
    expect(await system.onVps("ls -A /opt/memoryloop/data/lancedb/items.lance/_versions")).toBe(before);
    expect(await backups.list()).toMatchObject({ changeInterrupted: false, setAside: [] });
  });
});
