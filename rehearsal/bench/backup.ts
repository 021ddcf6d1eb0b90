import { setTimeout as sleep } from "node:timers/promises";
import { BackupCommands as Backups } from "../../host/backup/backup-commands";
import { readStack } from "../../ops/stack";
import { pooledShells } from "../../host/ssh/ssh-shell";
import { stackFile } from "../pulumi";
import { run } from "../world/run";
import { loseVps, removeWorld } from "../world/world";
import { repositoryRoot } from "../../repository";
import { BackupSandbox } from "../driver/backup-sandbox";
import { DeployedWorld } from "../driver/deployed-world";
import type { Row } from "./row";
import { elapsedMs, median, ratio, repeated, seconds } from "./statistics";

const runs = 3;

/** Adds this many MiB of random vectors to a table. They cannot be compressed. */
const vectors = (mebibytes: number): string => `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const part = () => Array.from({ length: 8192 }, (_, id) => ({ id, vector: Array.from({ length: 512 }, Math.random) }));
const table = await db.createTable("items", part(), { existOk: true });
for (let written = 16; written < ${mebibytes}; written += 16) await table.add(part());`;

/** The same backup with manual commands. */
const plain = `set -euo pipefail; cd "$STAGING"
tar --create --directory "$DATABASE" . | zstd --quiet -T0 | tee plain | sha256sum >sum
rclone copyto plain "b2:$B2_BUCKET/plain/archive"
rclone copyto "b2:$B2_BUCKET/plain/archive" back
sha256sum <back | cmp - sum; rm plain back sum`;

/** Scans the data itself: the script gets the data directory in place of a scratch directory. */
const scan = `. "$SCRIPTS/common.sh"; . "$SCRIPTS/data.sh"; use_data; scratch=$home; scan data`;

async function backedUp(host: BackupSandbox, started?: (pid: number) => void): Promise<void> {
  const { code, stderr } = await host.run("backup", ["daily"], {}, started);
  if (code !== 0) throw new Error(stderr);
}

/**
 * Resident memory of the job's processes, in MiB: the processes of its session, because `timeout` makes process groups, and
 * the scan in its container. Shared memory counts once per process.
 */
async function residentOf(session: number): Promise<number> {
  const lines = (await run(["ps", "-eo", "sid=,rss=,args="], { seconds: 5 })).trim().split("\n");
  const sizes = lines.map((line) => {
    const [, sid, rss, words = ""] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return Number(sid) === session || words.endsWith(" --input-type=module - /snapshot/lancedb") ? Number(rss) : 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** Largest resident memory of the job, in MiB. */
async function peakOf(host: BackupSandbox): Promise<number> {
  let session = 0;
  let peak = 0;
  const ended = backedUp(host, (pid) => (session = pid)).then(() => true);
  while (!(await Promise.race([ended, sleep(100, false)]))) peak = Math.max(peak, await residentOf(session));
  return peak;
}

async function jobRows(host: BackupSandbox): Promise<readonly Row[]> {
  await host.node(vectors(1024));
  const measured = await repeated(runs, async () => ({
    scanned: await elapsedMs(() => host.shell(scan)),
    theirs: await elapsedMs(() => host.shell(plain)),
    whole: await elapsedMs(() => backedUp(host)),
  }));
  const scanned = median(measured.map((run) => run.scanned));
  const theirs = median(measured.map((run) => run.theirs));
  const ours = median(measured.map((run) => run.whole - run.scanned));
  return [
    {
      name: "backup of 1 GiB of vectors, without the scan",
      ours: seconds(ours),
      theirs: seconds(theirs),
      ratio: ratio(ours, theirs),
      note: `tar, zstd, sha256sum, rclone up and down again; medians of ${runs} alternating runs`,
    },
    {
      name: "scan of these tables",
      ours: seconds(scanned),
      theirs: "",
      ratio: "",
      note: "the running image's LanceDB reads every row; includes the start of the container",
    },
  ];
}

async function memoryRow(host: BackupSandbox): Promise<Row> {
  await host.node(vectors(4 * 1024));
  const peak = await peakOf(host);
  return {
    name: "memory of the job at 5 GiB of vectors",
    ours: `${peak.toFixed(0)} MiB`,
    theirs: "",
    ratio: "",
    note: "goal: under 200 MB; all its processes, including the scan",
  };
}

/** Time from the loss of a server until a new server serves the site with its data. */
async function newVpsRow(): Promise<Row> {
  const options = { checkout: repositoryRoot, suffix: "backup-bench" };
  const system = await DeployedWorld.open(options.suffix);
  const stack = readStack("rehearsal", stackFile(system.world));
  const onHost = async (work: (backups: Backups) => Promise<unknown>): Promise<void> => {
    process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
    const { connection } = readStack("rehearsal", stackFile(system.world));
    const shell = pooledShells()(connection);
    await work(new Backups(shell, stack.app.name)).finally(() => shell.close());
  };
  try {
    await system.release("a000001");
    await system.deploy("a000001");
    await onHost((backups) => backups.backup("daily"));
    const total = await elapsedMs(async () => {
      await loseVps(system.world);
      await (await DeployedWorld.open(options.suffix)).deploy(undefined, { extraWords: ["--config", "accept=host"] });
      await onHost((backups) => backups.restoreInPlace("latest"));
    });
    return {
      name: "from the loss of the server to a site with its data",
      ours: seconds(total),
      theirs: "",
      ratio: "",
      note: "a new server boots, pulumi up, ops restore; the data is small",
    };
  } finally {
    await removeWorld(options, () => undefined);
  }
}

/** The time and memory of a backup, compared with manual commands, and the time of a restore to a new server. */
export async function benchBackup(): Promise<readonly Row[]> {
  const host = await BackupSandbox.start();
  try {
    return [...(await jobRows(host)), await memoryRow(host), await newVpsRow()];
  } finally {
    host.close();
  }
}
