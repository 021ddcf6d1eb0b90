import { z } from "zod";
import { deploymentSchema } from "../rollout/deployment";

const factsSchema = z.object({
  /** Free space, MiB, and the file system that has least of it, of those that carry releases, data and backups. */
  free_mb: z.coerce.number(),
  fullest: z.string(),
  /** The newest of the app, oldest first. */
  deployments: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(deploymentSchema)),
});

/** What `preflight.sh` finds on a host. */
export type Facts = z.output<typeof factsSchema>;

/** Parses `name=value` lines. */
export const parseFacts = (text: string): Facts =>
  factsSchema.parse(
    Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    ),
  );

/** An image, its successor and a backup's staging fit. */
const neededMb = 2048;

/** What stands in the way on a host, each with what to do. None: empty. */
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
