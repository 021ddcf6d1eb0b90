import { z } from "zod";
import type { Command, Shell } from "../host/shell";
import { plainText } from "./plain-text";

/** The logs that `ops logs` reads. */
export const logSources = ["app", "nginx", "rollout", "backup"] as const;
export type LogSource = (typeof logSources)[number];

/** The logs whose lines belong to one release. */
const releaseSources: readonly LogSource[] = ["app", "rollout"];

/** Why `--release` cannot choose lines of a log; undefined if it can. */
export const releaseRefusal = (source: LogSource): string | undefined =>
  releaseSources.includes(source)
    ? undefined
    : `the log ${source} has no release ids; give --since with the time that ops history shows` +
      (source === "nginx" ? ", or --grep with the tag if the app sends the header X-Release" : "");

const safeText = z.string().transform(plainText);

const logsSchema = z.object({
  /** Where the next call continues. */
  cursor: z.string(),
  lines: z.array(
    z.object({
      /** ISO 8601, UTC; empty for a log whose lines have their time inside. */
      at: safeText,
      /** Container, unit or file. */
      from: safeText,
      line: safeText,
    }),
  ),
});

export type Logs = z.output<typeof logsSchema>;
export type LogLine = Logs["lines"][number];

/** The lines that are asked for. */
export interface LogQuestion {
  readonly source: LogSource;
  readonly app: string;
  /** The newest lines, at most this many. */
  readonly lines: number;
  /** A time for journalctl; empty for any. */
  readonly since: string;
  /** Release id; empty for all. */
  readonly release: string;
  /** Only lines after this place; empty for the newest. */
  readonly cursor: string;
}

export const readLogs = ({ source, app, lines, since, release, cursor }: LogQuestion): Command => ({
  operation: "read the log of",
  target: app,
  script: "logs/read-logs.sh",
  args: [source, app, String(lines), since, release, cursor],
  timeoutSeconds: 60,
});

/** Log lines without terminal escape sequences and other control characters. */
export const parseLogs = (text: string): Logs => logsSchema.parse(JSON.parse(text));

/** `10m` is "-10m", as journalctl writes it; other texts, such as "yesterday" or "2026-11-26 10:00", are unchanged. */
export const sinceOf = (text: string): string => (/^\d+(s|m|h|d)$/.test(text) ? `-${text}` : text);

/** The lines that a pattern matches. */
export const matching = (lines: readonly LogLine[], pattern: RegExp | undefined): readonly LogLine[] =>
  pattern === undefined ? lines : lines.filter(({ line }) => pattern.test(line));

/** The lines of several servers by their time, each with the name of its server. */
export const ofServers = (all: readonly { readonly server: string; readonly value: readonly LogLine[] }[]): LogLine[] =>
  all
    .flatMap(({ server, value }) => value.map((line) => ({ ...line, from: `${server} ${line.from}`.trim() })))
    .toSorted((a, b) => a.at.localeCompare(b.at));

const renderLine = ({ at, from, line }: LogLine): string => [at, from, line].filter(Boolean).join(" ");

export const renderLines = (lines: readonly LogLine[]): string => lines.map(renderLine).join("\n");

/**
 * Reads the newest lines, then new lines, until the signal aborts. A poll for each round keeps no session open, so a
 * connection that breaks costs no line.
 */
export async function followLogs(
  shell: Shell,
  question: LogQuestion,
  show: (lines: readonly LogLine[]) => void,
  pause: () => Promise<boolean>,
): Promise<void> {
  let { cursor } = question;
  do {
    const found = parseLogs(await shell.run(readLogs({ ...question, cursor })));
    cursor = found.cursor;
    show(found.lines);
  } while (await pause());
}
