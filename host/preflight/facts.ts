import { z } from "zod";
import { parseRecords, type Records } from "../rollout/records";

const factsSchema = z.object({
  /** Free space, MiB, and the file system that has least of it, of those that carry releases, data and backups. */
  free_mb: z.coerce.number(),
  fullest: z.string(),
  /** Release of the app that serves, or that serves again after the revert of an unconfirmed cutover. Empty without one. */
  active: z.string(),
});

/** What `preflight.sh` finds on a server, with the app's deployment records. */
export type Facts = z.output<typeof factsSchema> & Records;

/** Parses `name=value` lines. There is one `record` line per deployment record. */
export function parseFacts(text: string): Facts {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const);
  const records = lines.filter(([name]) => name === "record").map(([, value]) => value);
  return { ...factsSchema.parse(Object.fromEntries(lines)), ...parseRecords(records.join("\n")) };
}

/** An image, its successor and a backup's staging fit. */
const neededMb = 2048;

/** The problems of a server, each with its remedy. */
export function hostProblems(facts: Facts): string[] {
  const { free_mb: freeMb, fullest } = facts;
  return [
    ...(freeMb >= neededMb
      ? []
      : [
          `${freeMb} MB are free on ${fullest}, ${neededMb} are needed: \`du -xh ${fullest} | sort -h | tail\` shows what takes them`,
        ]),
  ];
}
