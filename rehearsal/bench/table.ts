import type { Row } from "./row";

const columns = ["name", "ours", "theirs", "ratio", "note"] as const satisfies readonly (keyof Row)[];

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The rows as a Markdown table for the README. */
export const renderTable = (rows: readonly Row[]): string =>
  [
    line(["what", "ours", "theirs", "ratio", "note"]),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join("\n");
