import { setTimeout as sleep } from "node:timers/promises";
import { BackupHost as Backups } from "../ops/backup";
import { readStack } from "../ops/stack";
import { pooledShells } from "../provider/ssh/ssh-shell";
import { stackFile } from "../rehearsal/pulumi";
import { run } from "../rehearsal/world/run";
import { loseVps, removeWorld } from "../rehearsal/world/world";
import { repositoryRoot } from "../repository";
import { BackupHost } from "../test/support/backup-host";
import { Road } from "../test/support/road";
import type { Row } from "./row";
import { elapsedMs, median, ratio, repeated, seconds } from "./statistics";

const runs = 3;

/** Adds as many MiB of random vectors, which nothing compresses, to a table. */
const vectors = (mebibytes: number): string => `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const part = () => Array.from({ length: 8192 }, (_, id) => ({ id, vector: Array.from({ length: 512 }, Math.random) }));
const table = await db.createTable("items", part(), { existOk: true });
for (let written = 16; written < ${mebibytes}; written += 16) await table.add(part());`;

/** What a user would type instead. */
const plain = `set -euo pipefail; cd "$STAGING"
tar --create --directory "$DATABASE" . | zstd --quiet -T0 | tee plain | sha256sum >sum
rclone copyto plain "b2:$B2_BUCKET/plain/archive"
rclone copyto "b2:$B2_BUCKET/plain/archive" back
sha256sum <back | cmp - sum; rm plain back sum`;

const scan = `. "$SCRIPTS/common.sh"; chmod 755 "$database"; scan "$database"`;

async function backedUp(host: BackupHost, started?: (pid: number) => void): Promise<void> {
  const { code, stderr } = await host.run("backup", ["daily"], {}, started);
  if (code !== 0) throw new Error(stderr);
}

/**
 * Resident memory of the job's processes, in MiB: of its session, for `timeout` makes groups of its own, and of the scan in
 * its container. What they share counts for each of them.
 */
async function residentOf(session: number): Promise<number> {
  const lines = (await run(["ps", "-eo", "sid=,rss=,args="], { seconds: 5 })).trim().split("\n");
  const sizes = lines.map((line) => {
    const [, sid, rss, words = ""] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return Number(sid) === session || words.endsWith(" --input-type=module - /snapshot") ? Number(rss) : 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** Largest resident memory of the job, in MiB. */
async function peakOf(host: BackupHost): Promise<number> {
  let session = 0;
  let peak = 0;
  const ended = backedUp(host, (pid) => (session = pid)).then(() => true);
  while (!(await Promise.race([ended, sleep(100, false)]))) peak = Math.max(peak, await residentOf(session));
  return peak;
}

async function jobRows(host: BackupHost): Promise<readonly Row[]> {
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
      name: "backup of 1 GiB of vectors, the scan aside",
      ours: seconds(ours),
      theirs: seconds(theirs),
      ratio: ratio(ours, theirs),
      note: `tar, zstd, sha256sum, rclone up and down again; medians of ${runs}, taken in turn`,
    },
    {
      name: "scan of these tables",
      ours: seconds(scanned),
      theirs: "",
      ratio: "",
      note: "every row read by the running image's LanceDB; a container's start included",
    },
  ];
}

async function memoryRow(host: BackupHost): Promise<Row> {
  await host.node(vectors(4 * 1024));
  const peak = await peakOf(host);
  return {
    name: "memory of the job at 5 GiB of vectors",
    ours: `${peak.toFixed(0)} MiB`,
    theirs: "",
    ratio: "",
    note: "goal: under 200 MB; all its processes, the scan's among them",
  };
}

/** From a VPS that is lost to a site that serves its data on a new one. */
async function newVpsRow(): Promise<Row> {
  const options = { checkout: repositoryRoot, suffix: "backup-bench" };
  const road = await Road.open(options.suffix);
  const stack = await readStack("rehearsal", stackFile(road.world));
  const onHost = async (work: (backups: Backups) => Promise<unknown>): Promise<void> => {
    process.env["SSH_AUTH_SOCK"] = road.world.agentSocket;
    const { connection } = await readStack("rehearsal", stackFile(road.world));
    const shell = pooledShells()(connection);
    await work(new Backups(shell, stack.app.name)).finally(() => shell.close());
  };
  try {
    await road.release("a000001");
    await road.deploy("a000001");
    await onHost((backups) => backups.backup("daily"));
    const total = await elapsedMs(async () => {
      await loseVps(road.world);
      await (await Road.open(options.suffix)).deploy();
      await onHost((backups) => backups.restoreInPlace("latest"));
    });
    return {
      name: "from a lost VPS to the site with its data",
      ours: seconds(total),
      theirs: "",
      ratio: "",
      note: "a new VPS boots, pulumi up, ops restore; the data is small",
    };
  } finally {
    await removeWorld(options, () => undefined);
  }
}

/** What backups cost, beside the plain pipeline, and how long a restore from nothing takes. */
export async function benchBackup(): Promise<readonly Row[]> {
  const host = await BackupHost.start();
  try {
    return [...(await jobRows(host)), await memoryRow(host), await newVpsRow()];
  } finally {
    host.close();
  }
}
