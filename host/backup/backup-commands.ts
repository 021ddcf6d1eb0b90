import { z } from "zod";
import type { Command, Shell } from "../shell";

/** docs/data-model.md section 1, "Backup". `retentionDays` 0: it is never deleted. */
const backupSchema = z.strictObject({
  id: z.string().regex(/^backup-\d{8}$/),
  createdAt: z.iso.datetime(),
  sizeBytes: z.int().positive(),
  location: z.string(),
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
  retentionDays: z.int().nonnegative(),
});

/** A part of the data that was read in full: a table of a database, or the files of a directory. */
const tableSchema = z.object({
  /** Name of the directory. Earlier versions of the scripts do not say it. */
  directory: z.string().optional(),
  name: z.string(),
  /** Version of a table, where the database has versions. */
  version: z.int().optional(),
  rows: z.int().optional(),
  files: z.int().optional(),
});

const runSchema = z.object({
  /** `interrupted`: the run was killed, for example by a power cut. */
  status: z.enum(["running", "interrupted", "success", "failed"]),
  kind: z.string(),
  /** The last step that started. */
  step: z.string(),
  error: z.string(),
  startedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  durationSeconds: z.number(),
  tables: z.array(tableSchema),
  record: backupSchema.nullable(),
});

const restoreSchema = z.object({
  backup: backupSchema,
  tables: z.array(tableSchema),
  seconds: z.number(),
  /** Directory with the data from before the restore, if no backup of that data could be made. */
  setAside: z.string().optional(),
});

const drillSchema = z.object({
  status: z.enum(["success", "failed"]),
  error: z.string(),
  startedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  restored: restoreSchema.nullable(),
});

const listSchema = z.object({
  /** The verified backups, oldest first; null if the bucket does not answer. */
  backups: z.array(backupSchema).nullable(),
  /** Why the bucket does not answer. */
  problem: z.string(),
  lastRun: runSchema.nullable(),
  lastVerified: backupSchema.nullable(),
  /** The last drill of the newest backup. */
  lastDrill: drillSchema.nullable(),
  /** The last drills of the newest backup, at most 60, oldest first. Earlier versions of the scripts do not note them. */
  drills: z.array(drillSchema).default([]),
  timers: z.object({ daily: z.boolean(), drill: z.boolean() }),
  /** A restore in place or a repair was interrupted, and the server has not undone it. */
  changeInterrupted: z.boolean(),
  /** Directories beside the database that earlier restores left, because no backup of them could be made. */
  setAside: z.array(z.string()),
  now: z.iso.datetime(),
});

const examinedSchema = z.object({
  /** Name of a table, or of a directory whose kind has no tables. */
  table: z.string(),
  /** Earlier versions of the scripts know only tables. */
  kind: z.enum(["table", "directory"]).default("table"),
  readable: z.boolean(),
  /** Manifests of a table that cannot be used, newest first. Of a directory: the problem. */
  bad: z.array(z.string()),
  /** The newest version that can be read without them. */
  newest: tableSchema.nullable(),
});

export type Backup = z.infer<typeof backupSchema>;
export type BackupRun = z.infer<typeof runSchema>;
export type BackupList = z.infer<typeof listSchema>;
export type Restored = z.infer<typeof restoreSchema>;
export type Examined = z.infer<typeof examinedSchema>;

const hour = 3600;

/** The backup commands of a server. Each throws a HostError that contains the messages of the server. */
export class BackupCommands {
  constructor(
    private readonly shell: Shell,
    private readonly app: string,
  ) {}

  /** Makes a backup now, as the timer does. */
  async backup(kind: "daily" | "permanent"): Promise<BackupRun> {
    const hint =
      "the data and earlier backups are unchanged. To see the whole run, on the server: journalctl -u '*-backup@*'";
    const command = { operation: "back up", target: this.app, script: "backup/backup-now.sh" as const, hint };
    return runSchema.parse(
      JSON.parse(await this.shell.run({ ...command, args: [this.app, kind], timeoutSeconds: 3 * hour })),
    );
  }

  async keep(id: string): Promise<Backup> {
    return backupSchema.parse(await this.script("keep", id, "keep", [id], hour));
  }

  async list(): Promise<BackupList> {
    return listSchema.parse(await this.script("list backups of", this.app, "list", [], 180));
  }

  /** Restores into a scratch directory, reads all of it and deletes it. Notes the result if it is the newest backup. */
  async drill(id?: string): Promise<Restored> {
    const drilled =
      id === undefined
        ? await this.script("drill", this.app, "drill", [], 3 * hour)
        : await this.script("drill", id, "restore", ["drill", id], 3 * hour);
    return restoreSchema.parse(drilled);
  }

  /** Restores into a directory of the server that does not exist yet. */
  async restoreTo(id: string, folder: string): Promise<Restored> {
    return restoreSchema.parse(await this.script("restore", id, "restore", ["to", id, folder], 3 * hour));
  }

  /** Replaces the app's data with a backup. */
  async restoreInPlace(id: string): Promise<Restored> {
    return restoreSchema.parse(await this.script("restore", id, "restore", ["in-place", id], 3 * hour));
  }

  /** Examines every table of the app's data. */
  async examine(): Promise<readonly Examined[]> {
    return z.array(examinedSchema).parse(await this.script("examine", this.app, "doctor", [], hour));
  }

  /** Renames the unusable manifests of a table, so that it opens at the newest version that can be read. */
  async setAside(table: string): Promise<readonly Examined[]> {
    return z.array(examinedSchema).parse(await this.script("repair", table, "doctor", ["set-aside", table], hour));
  }

  private async script(
    operation: string,
    target: string,
    script: string,
    words: readonly string[],
    timeoutSeconds: number,
  ): Promise<unknown> {
    const command: Command = {
      operation,
      target,
      script: "backup/run-script.sh",
      args: [this.app, script, ...words],
      timeoutSeconds,
      hint: "to list the backups: ops status",
    };
    return JSON.parse(await this.shell.run(command)) as unknown;
  }
}
