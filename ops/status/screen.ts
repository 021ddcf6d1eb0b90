import { styleText } from "node:util";
import type { Level, Line } from "./line";

/** How a screen is drawn. */
export interface ScreenStyle {
  /** Colours are for a terminal only. */
  readonly colour: boolean;
}

const marks: Readonly<Record<Level, string>> = { ok: "ok  ", info: "    ", warn: "warn", fail: "FAIL" };
const colours = { ok: "green", info: "dim", warn: "yellow", fail: "red" } as const;

const markOf = (level: Level, { colour }: ScreenStyle): string =>
  colour ? styleText(colours[level], marks[level], { validateStream: false }) : marks[level];

/** A line of the same topic as the line before does not repeat the topic. */
function renderLine(
  { topic, level, text, fix }: Line,
  before: Line | undefined,
  width: number,
  style: ScreenStyle,
): string {
  const name = (before?.topic === topic ? "" : topic).padEnd(width);
  const remedy = fix === undefined ? "" : `\n${" ".repeat(width + 8)}Fix: ${fix}`;
  return `${name}  ${markOf(level, style)}  ${text}${remedy}`;
}

/** A title and lines, one below the other, in columns. */
export function renderScreen(title: string, lines: readonly Line[], style: ScreenStyle): string {
  const width = Math.max(...lines.map(({ topic }) => topic.length));
  const rows = lines.map((line, at) => renderLine(line, lines[at - 1], width, style));
  return [title, "", ...rows].join("\n");
}

/** Whether a stream is a terminal that shows colours. NO_COLOR (no-color.org) switches them off. */
export const showsColours = (stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
