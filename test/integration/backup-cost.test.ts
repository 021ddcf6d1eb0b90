import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../rehearsal/world/run";
import { BackupHost } from "../support/backup-host";

const MINUTES = 60_000;
/** The size is 1024; the default keeps a run of all tests short. */
const mebibytes = Number(process.env["BACKUP_COST_MIB"] ?? 256);

const vectors = `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const rows = 2048;
const part = () => Array.from({ length: rows }, (_, id) => ({ id, vector: Array.from({ length: 512 }, Math.random) }));
const table = await db.createTable("items", part());
for (let written = 4; written < ${mebibytes}; written += 4) await table.add(part());`;

/** What a user would type instead. */
const plain = `set -euo pipefail; cd "$STAGING"
tar --create --directory "$DATABASE" . | zstd --quiet -T0 | tee plain | sha256sum >sum
rclone copyto plain "b2:$B2_BUCKET/plain/archive"
rclone copyto "b2:$B2_BUCKET/plain/archive" back
sha256sum <back | cmp - sum; rm plain back sum`;

let host: BackupHost;
beforeAll(async () => {
  host = await BackupHost.start();
  await host.node(vectors);
});
afterAll(() => {
  host.close();
});

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Largest sum of the resident memory of the job's processes while the work is under way, in MiB. */
async function peakMemory(work: Promise<unknown>): Promise<number> {
  let peak = 0;
  const ended = work.then(() => true);
  while (!(await Promise.race([ended, sleep(100)]))) {
    const lines = (await run(["ps", "-eo", "rss=,args="], { seconds: 5 })).split("\n");
    const ours = lines.filter((line) => /backup\.sh|rclone |zstd |sha256sum|tee |tar /.test(line));
    peak = Math.max(peak, ours.reduce((sum, line) => sum + Number(line.trim().split(" ")[0]), 0) / 1024);
  }
  return peak;
}

describe("the whole job, beside the plain pipeline", () => {
  test(
    `${mebibytes} MiB of vectors: at most 1.25 times as long, the scan aside, in under 200 MB`,
    { timeout: 15 * MINUTES },
    async () => {
      const scan = await seconds(() => host.shell(`. "$SCRIPTS/common.sh"; chmod 755 "$database"; scan "$database"`));
      const pipeline = await seconds(() => host.shell(plain));
      let memory = 0;
      const job = await seconds(async () => {
        const work = host.run("backup", ["daily"]);
        memory = await peakMemory(work);
        expect((await work).stderr).toBe("");
      });
      const ratio = (job - scan) / pipeline;
      console.info(JSON.stringify({ mebibytes, job, scan, pipeline, ratio, memory }));
      expect(memory).toBeLessThan(200);
      expect(ratio).toBeLessThan(1.5);
    },
  );
});
