import { z } from "zod";
import type { Command } from "../host/shell";
import { plainText } from "./plain-text";

const safeText = z.string().transform(plainText);

const linesSchema = z.array(
  z.object({
    /** ISO 8601, UTC. */
    at: safeText,
    container: safeText,
    line: safeText,
  }),
);

export type LogLine = z.output<typeof linesSchema>[number];

/** The newest log lines of all containers of the app, from the journal of the server. */
export const readLogs = (app: string, lines: number): Command => ({
  operation: "read the log of",
  target: app,
  script: "logs/app-logs.sh",
  args: [app, String(lines)],
  timeoutSeconds: 60,
});

/** Log lines without terminal escape sequences and other control characters. */
export const parseLogs = (text: string): LogLine[] => linesSchema.parse(JSON.parse(text));

export const renderLogs = (lines: readonly LogLine[]): string =>
  lines.length === 0
    ? "the app has logged nothing in the journal of the server"
    : lines.map(({ at, container, line }) => `${at} ${container} ${line}`).join("\n");
