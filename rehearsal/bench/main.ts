/** `npm run bench [-- NAME...]`: measures, and prints a table for the README. Use a machine without other work. */
import { cpus, totalmem } from "node:os";
import { benchBackup } from "./backup";
import { benchPolicy } from "./policy";
import { benchRollout } from "./rollout";
import type { Row } from "./row";
import { renderTable } from "./table";

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  rollout: benchRollout,
  policy: benchPolicy,
  backup: benchBackup,
};

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;

const chosen = (names: readonly string[]): (() => Promise<readonly Row[]>)[] =>
  (names.length > 0 ? names : Object.keys(benches)).map((name) => {
    const bench = benches[name];
    if (!bench) throw new Error(`no bench ${name}: use one of ${Object.keys(benches).join(", ")}`);
    return bench;
  });

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const bench of chosen(process.argv.slice(2))) rows.push(...(await bench()));
  console.log(`${new Date().toISOString().slice(0, 10)}, ${machine()}\n\n${renderTable(rows)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
