import type { Row } from "./row";

const columns = ["name", "ours", "theirs", "ratio", "note"] as const satisfies readonly (keyof Row)[];

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The circumstances of a run of the benchmarks. */
export interface Circumstances {
  readonly date: Date;
  /** Commit of the measured program. */
  readonly commit: string;
  /** Processor, memory, Node.js. */
  readonly machine: string;
  /** Names of the benchmarks that ran. */
  readonly measured: readonly string[];
}

const renderTable = (rows: readonly Row[]): string =>
  [
    line(["what", "ours", "theirs", "ratio", "note"]),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join("\n");

/** The text of docs/performance.md. */
export const renderReport = (
  rows: readonly Row[],
  { date, commit, machine, measured }: Circumstances,
): string => `# Performance

\`npm run bench\` wrote this file on ${date.toISOString().slice(0, 10)}, at commit ${commit}. Machine: ${machine}. Engine and
stand-in plugins of the rehearsal, soak 0, medians. Measured parts: ${measured.join(", ")}. "Theirs" and the ratio compare with commands by hand in the same run.

${renderTable(rows)}
`;
