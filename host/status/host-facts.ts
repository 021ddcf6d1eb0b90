import { z } from "zod";
import type { Command } from "../shell";

const time = z.iso.datetime();

/** A part of the facts; null when the server could not read it in time. */
const part = <T extends z.ZodType>(schema: T) => schema.nullable();

/** The facts of a server, as `status/host-facts.sh` prints them. */
export const hostFactsSchema = z.object({
  clock: part(
    z.object({
      now: time,
      upSeconds: z.int(),
      cpus: z.int(),
      loadOver5Minutes: z.number(),
      memoryBytes: z.int(),
      memoryFreeBytes: z.int(),
    }),
  ),
  /** All containers of the app, also stopped ones. */
  containers: part(
    z.array(
      z.object({
        name: z.string(),
        /** In Docker's words: running, exited, restarting. */
        state: z.string(),
        restarts: z.int(),
        startedAt: z.string(),
        exitCode: z.int(),
        oomKilled: z.boolean(),
        /** Null for a container that does not run. */
        memoryBytes: z.int().nullable(),
        /** 0: no limit. */
        memoryLimitBytes: z.int(),
      }),
    ),
  ),
  disks: part(
    z.array(z.object({ mount: z.string(), bytes: z.int(), freeBytes: z.int(), files: z.int(), freeFiles: z.int() })),
  ),
  /** Bytes by use, such as "data". */
  uses: part(z.array(z.object({ name: z.string(), bytes: z.int() }))),
  timers: part(
    z.array(z.object({ unit: z.string(), active: z.boolean(), next: time.nullable(), last: time.nullable() })),
  ),
  failed: part(z.array(z.string())),
  updates: part(z.object({ pending: z.int(), security: z.int(), reboot: z.boolean() })),
  lock: part(z.object({ held: z.boolean(), holder: z.string() })),
  certificates: part(z.array(z.object({ name: z.string(), issuedAt: time, expiresAt: time }))),
  /** Paths of file sets whose content is not that of the last deployment. */
  changed: part(z.array(z.string())),
  /** Problems about which the server sent an alert, and which are not solved. */
  alerts: part(z.array(z.object({ subject: z.string(), at: time }))),
});

export type HostFacts = z.output<typeof hostFactsSchema>;

/** Reads the facts. A part that takes longer than `seconds` is null. */
export const readHostFacts = (app: string, seconds: number): Command => ({
  operation: "read the facts of the server of",
  target: app,
  script: "status/host-facts.sh",
  args: [app, String(seconds)],
  timeoutSeconds: seconds + 5,
});

export const parseHostFacts = (text: string): HostFacts => hostFactsSchema.parse(JSON.parse(text));
