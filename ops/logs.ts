import { z } from "zod";
import type { Command } from "../host/shell";

const linesSchema = z.array(
  z.object({
    /** ISO 8601, UTC. */
    at: z.string(),
    container: z.string(),
    line: z.string(),
  }),
);

export type LogLine = z.infer<typeof linesSchema>[number];

/** The newest lines that the app's containers have logged, from the host's journal. */
export const readLogs = (app: string, lines: number): Command => ({
  operation: "read the log of",
  target: app,
  script: "logs/app-logs.sh",
  args: [app, String(lines)],
  timeoutSeconds: 60,
});

export const parseLogs = (text: string): LogLine[] => linesSchema.parse(JSON.parse(text));

export const renderLogs = (lines: readonly LogLine[]): string =>
  lines.map(({ at, container, line }) => `${at} ${container} ${line}`).join("\n");
