import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { repositoryRoot } from "../repository";

/** Columns of the picture. A longer line continues below its third column, as in a terminal with a hanging indent. */
const columns = 112;
const size = { character: 7.8, line: 19, margin: 20, bar: 36 };

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (line: string): string => line.replaceAll(/[&<>]/g, (sign) => entities[sign] ?? sign);

/** The person and the machine of the run are no part of a picture. */
const anonymous = (output: string): string => output.replaceAll(/\b[\w.-]+@[\w.-]+/g, "you@laptop");

/** A line in parts that fit the picture. Parts after the first begin below the text of the line. */
function wrapped(line: string): readonly string[] {
  if (line.length <= columns) return [line];
  const indent = " ".repeat(/^(?:\S*\s+(?:ok|warn|FAIL)?\s+)/.exec(line)?.[0].length ?? 0);
  const cut = line.lastIndexOf(" ", columns);
  const end = cut > indent.length ? cut : columns;
  return [line.slice(0, end), ...wrapped(indent + line.slice(end).trimStart())];
}

/** A line of the status with its mark in the colour of the terminal. */
function coloured(line: string): string {
  const [, before = "", mark, after = ""] = /^(\S*\s+)(ok|warn|FAIL)(\s{2}.*)$/.exec(line) ?? [];
  if (mark === undefined) return escaped(line);
  return `${escaped(before)}<tspan class="${mark.toLowerCase()}">${mark}</tspan>${escaped(after)}`;
}

const style = `
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
.paper { fill: #ffffff; stroke: #d1d9e0; } .bar { fill: #f6f8fa; } .prompt { fill: #59636e; }
.ok { fill: #1a7f37; } .warn { fill: #9a6700; } .fail { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .paper { fill: #0d1117; stroke: #3d444d; } .bar { fill: #151b23; } .prompt { fill: #9198a1; }
  .ok { fill: #3fb950; } .warn { fill: #d29922; } .fail { fill: #f85149; }
}`;

/** The output of a command as an SVG picture of a terminal, with its text as text. The same output gives the same picture. */
export function renderPicture(command: string, output: string): string {
  const lines = anonymous(output).trimEnd().split("\n").flatMap(wrapped);
  const { character, line, margin, bar } = size;
  const width = Math.ceil(columns * character + 2 * margin);
  const height = bar + (lines.length + 1) * line + margin;
  const rows = lines.map(
    (text, at) => `<text xml:space="preserve" x="${margin}" y="${bar + (at + 1) * line + 6}">${coloured(text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Output of ${escaped(command)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<path class="bar" d="M1 ${bar}V8a7 7 0 0 1 7-7h${width - 16}a7 7 0 0 1 7 7v${bar - 8}z"/>`,
    `<text class="prompt" x="${margin}" y="23">$ ${escaped(command)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

/** `npm run docs:picture`: draws the output of the rehearsal's `ops status`, which it reads from standard input. */
async function main(): Promise<void> {
  const output = await text(process.stdin);
  if (!output.includes("release"))
    throw new Error("standard input is no output of ops status: run npm run docs:picture");
  writeFileSync(join(repositoryRoot, "docs", "status.svg"), renderPicture("ops status", output));
}

if (require.main === module)
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
