import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../rehearsal/world/docker";
import { BackupSandbox, makeTable } from "../../rehearsal/driver/backup-sandbox";

const backups = 100;
const minutes = 60_000;

/** After each commit all rows of the table have one generation, so a copy that mixes two versions has two generations. */
const writer = `
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const items = await db.openTable("items");
const other = await db.openTable("other");
for (let generation = 1; ; generation += 1) {
  await items.update({ valuesSql: { generation: String(generation) } });
  await other.add([{ id: 1000 + generation, generation: 0, vector: [Math.random(), Math.random()] }]);
  if (generation % 2 === 0) await items.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
  if (generation % 5 === 0) await other.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
  if (generation % 20 === 0) await other.delete("id >= 1000");
  await sleep(20);
}`;

const check = `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const rows = await (await db.openTable("items")).query().toArray();
const others = await (await db.openTable("other")).query().toArray();
console.log(JSON.stringify({ rows: rows.length, generations: new Set(rows.map((row) => Number(row.generation))).size, others: others.length }));`;

let host: BackupSandbox;
let container = "";
beforeAll(async () => {
  host = await BackupSandbox.start();
  await host.node(makeTable("items", 200));
  await host.node(makeTable("other", 20));
  const mount = ["--mount", `type=bind,source=${host.database},target=/data`, "--workdir", "/app", "--network", "none"];
  container = await docker([
    "run",
    "--detach",
    ...mount,
    "--entrypoint",
    "node",
    host.image,
    "--input-type=module",
    "--eval",
    writer,
  ]);
});
afterAll(async () => {
  await docker(["rm", "--force", container]);
  host.close();
});

describe("backups while the app writes, updates, compacts and removes old versions", () => {
  test(
    `${backups} of ${backups} restored copies open and read, and no table mixes versions`,
    { timeout: 15 * minutes },
    async () => {
      const target = join(host.root, "restored");
      for (let index = 0; index < backups; index += 1) {
        const backup = await host.run("backup", ["daily"]);
        expect(backup.code, `${index}: ${backup.stderr}`).toBe(0);
        const restored = await host.run("restore", ["to", "latest", target]);
        expect(restored.code, `${index}: ${restored.stderr}`).toBe(0);
        const found = JSON.parse(await host.node(check, target)) as {
          rows: number;
          generations: number;
          others: number;
        };
        expect(found).toMatchObject({ rows: 200, generations: 1 });
        expect(found.others).toBeGreaterThanOrEqual(20);
        rmSync(target, { recursive: true });
      }
      expect(await docker(["inspect", "--format", "{{.State.Running}}", container])).toBe("true");
    },
  );
});
