/**
 * `npm run bench [-- NAME...]`: measures, prints a table and writes it to docs/performance.md. Without a name it measures
 * everything. Use a machine without other work. RUNS is the number of runs of each figure, 7 without it.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { run } from "../world/run";
import { repositoryRoot } from "../../repository";
import { benchBackup } from "./backup";
import { benchPolicy } from "./policy";
import { benchFar, benchLoopback, benchWholeStack } from "./rollout";
import type { Row } from "./row";
import { renderReport } from "./report";

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  loopback: benchLoopback,
  far: benchFar,
  whole: benchWholeStack,
  policy: benchPolicy,
  backup: benchBackup,
};

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}, load average ${(loadavg()[0] ?? 0).toFixed(1)}`;

const commit = async (): Promise<string> =>
  (await run(["git", "rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, seconds: 20 })).trim();

const chosen = (names: readonly string[]): (() => Promise<readonly Row[]>)[] =>
  (names.length > 0 ? names : Object.keys(benches)).map((name) => {
    const bench = benches[name];
    if (!bench) throw new Error(`no bench ${name}: use one of ${Object.keys(benches).join(", ")}`);
    return bench;
  });

async function main(): Promise<void> {
  const rows: Row[] = [];
  const names = process.argv.slice(2);
  for (const bench of chosen(names)) rows.push(...(await bench()));
  const measured = names.length === 0 ? Object.keys(benches) : names;
  const report = renderReport(rows, { date: new Date(), commit: await commit(), machine: machine(), measured });
  console.log(report);
  writeFileSync(join(repositoryRoot, "docs", "performance.md"), await format(report, { parser: "markdown" }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
