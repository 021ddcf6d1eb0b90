import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../host/sha256";
import type { RcloneRelease } from "../host/backup/rclone";
import { installRclone, installRcloneScript, rcloneArchives } from "../host/bootstrap/commands";
import type { Connection } from "../host/connection";
import type { DataDirectory } from "../host/data/inputs";
import { dataVariable } from "../host/data/layout";
import { ApplicationKey, B2Provider, Bucket } from "./resources/b2";
import { commandConnection } from "./command-connection";
import { FileSet } from "./resources/file-set";
import { backupsSet } from "../host/sets/backups";

export interface BackupsArgs {
  readonly connection: Connection;
  readonly app: { readonly name: string; readonly domain: string };
  /** The directories that a backup holds. */
  readonly data: readonly DataDirectory[];
  /** Path that answers 200 if the app is healthy. A restore in place asks it. */
  readonly healthPath: string;
  /** The job on the server waits for these resources. The bucket does not: a destroy that keeps the bucket would keep them too. */
  readonly after?: readonly pulumi.Resource[];
  /** Globally unique bucket name. */
  readonly bucket: string;
  readonly alert: {
    /** Dead-man's switch: the job calls it after each verified backup. A missing call raises the alarm. */
    readonly deadManUrl: string;
  };
  /** Address of the B2 API. @default Backblaze's */
  readonly endpoint?: string | undefined;
  /** @default rclone's own archive for the server's processor */
  readonly rclone?: RcloneRelease | undefined;
}

/** Days until B2 deletes a hidden backup, and until it cancels an unfinished upload. */
const undoDays = 7;
const unfinishedDays = 1;

/**
 * Rights of the server's key. It can hide files but not delete them, so an attacker with the key cannot destroy backups.
 * rclone needs `listBuckets` to find the bucket by its name.
 */
const capabilities = ["listBuckets", "listFiles", "readFiles", "writeFiles"];

/** An environment file for systemd, without the undefined variables. */
export const renderVariables = (variables: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(variables)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]))
    .join("");

/** Verified daily backups of the app's data in a bucket of their own. The server's alerts tell when they are missing. */
export class Backups extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** Resolves when the job is on the server and its timers run. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Backups", name, {}, opts);
    // The master key comes from the environment (B2_APPLICATION_KEY_ID, B2_APPLICATION_KEY): so it is in no state.
    const provider = new B2Provider(`${name}-b2`, { endpoint: args.endpoint }, { parent: this });
    const bucket = this.bucket(name, args, provider);
    const key = this.key(name, args, bucket, provider);
    this.bucketName = bucket.bucketName;
    this.ready = this.job(name, args, [this.rclone(name, args), this.environment(name, args, key)]).urn;
    this.registerOutputs({ bucketName: this.bucketName });
  }

  /** No rule matches `permanent/`. In `daily/` the rule deletes only files that the job has hidden. */
  private bucket(name: string, args: BackupsArgs, provider: B2Provider): Bucket {
    const rule = {
      fileNamePrefix: "daily/",
      daysFromHidingToDeleting: undoDays,
      daysFromStartingToCancelingUnfinishedLargeFiles: unfinishedDays,
    };
    return new Bucket(
      `${name}-bucket`,
      {
        bucketName: args.bucket,
        bucketType: "allPrivate",
        defaultServerSideEncryption: { algorithm: "AES256", mode: "SSE-B2" },
        lifecycleRules: [rule],
      },
      { parent: this, provider, protect: true },
    );
  }

  private key(name: string, { app }: BackupsArgs, bucket: Bucket, provider: B2Provider): ApplicationKey {
    return new ApplicationKey(
      `${name}-key`,
      { keyName: `${app.name}-vps`, capabilities, bucketIds: [bucket.bucketId] },
      { parent: this, provider },
    );
  }

  private environment(name: string, args: BackupsArgs, key: ApplicationKey): FileSet {
    const { connection, app, data, healthPath, alert, endpoint } = args;
    const text = pulumi.all([key.applicationKeyId, key.applicationKey]).apply(([keyId, secret]) =>
      renderVariables({
        B2_KEY_ID: keyId,
        B2_APP_KEY: secret,
        B2_BUCKET: args.bucket,
        B2_ENDPOINT: endpoint,
        DATA: dataVariable(data),
        SITE: app.domain,
        HEALTH_PATH: healthPath,
        DEAD_MAN_URL: alert.deadManUrl,
      }),
    );
    const entry = { kind: "file" as const, content: pulumi.secret(text), mode: "0600", owner: "root:root" };
    return new FileSet(
      `${name}-environment`,
      { connection, app: app.name, entries: { [`/opt/${app.name}/config/backup.env`]: entry } },
      { parent: this, dependsOn: [...(args.after ?? [])] },
    );
  }

  private rclone(name: string, { connection, after, rclone }: BackupsArgs): command.remote.Command {
    const { host, hostKey } = connection;
    const hash = sha256(installRcloneScript());
    return new command.remote.Command(
      `${name}-rclone`,
      {
        connection: commandConnection(connection),
        create: installRclone(connection, rclone),
        // A new server with the same address needs rclone too.
        triggers: [hash, ...rcloneArchives(rclone), host, hostKey],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, deleteBeforeReplace: false, dependsOn: [...(after ?? [])] },
    );
  }

  private job(name: string, { connection, app }: BackupsArgs, dependsOn: pulumi.Resource[]): FileSet {
    return new FileSet(
      `${name}-job`,
      { connection, app: app.name, ...backupsSet(app.name) },
      { parent: this, dependsOn },
    );
  }
}
