import { createHash } from "node:crypto";
import * as b2 from "@pulumi/b2";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { RcloneRelease } from "../host/backup/rclone";
import { installRclone, installRcloneScript, rcloneArchives } from "../host/bootstrap/commands";
import type { Connection } from "../host/connection";
import { FileSet } from "./resources/file-set";
import { backupsSet } from "../host/sets/backups";

export interface BackupsArgs {
  readonly connection: Connection;
  readonly app: { readonly name: string; readonly domain: string };
  /** What the job on the host waits for. The bucket does not: a destroy that keeps it would keep all of that, too. */
  readonly after?: readonly pulumi.Resource[];
  /** Name of the bucket: among all of Backblaze's, not only one's own. */
  readonly bucket: string;
  readonly alert: {
    /** Takes `{text, content, app}` as JSON by POST when there has been no verified backup for two days. @default none */
    readonly webhook?: string | undefined;
    /** Called after each verified backup; whoever runs it tells when the calls stop, as they do when the host is off. */
    readonly deadManUrl: string;
  };
  /** Address of the B2 API. @default Backblaze's */
  readonly endpoint?: string | undefined;
  /** @default rclone's own release for the host's processor */
  readonly rclone?: RcloneRelease | undefined;
}

/** Days in which a hidden backup can be brought back, and after which an upload that was broken off goes. */
const undoDays = 7;
const unfinishedDays = 1;

/**
 * What the VPS may do with its bucket. It can hide, not delete: whoever takes the host over cannot destroy what is there.
 * rclone asks for the bucket by its name before it writes.
 */
const capabilities = ["listBuckets", "listFiles", "readFiles", "writeFiles"];

/** An env file as systemd reads it. What is undefined is left out. */
export const renderVariables = (variables: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(variables)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]))
    .join("");

/** Daily backups of the app's data to a bucket of their own, proved; and someone who tells when there are none. */
export class Backups extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** Known once the job is on the host and its timers run. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Backups", name, {}, opts);
    // The master key comes from the environment (B2_APPLICATION_KEY_ID, B2_APPLICATION_KEY): so it is in no state.
    const provider = new b2.Provider(`${name}-b2`, args.endpoint ? { endpoint: args.endpoint } : {}, { parent: this });
    const bucket = this.bucket(name, args, provider);
    const key = this.key(name, args, bucket, provider);
    this.bucketName = bucket.bucketName;
    this.ready = this.job(name, args, [this.rclone(name, args), this.environment(name, args, key)]).urn;
    this.registerOutputs({ bucketName: this.bucketName });
  }

  /** Nothing of `permanent/` ever matches a rule; of `daily/` only what the job has hidden. */
  private bucket(name: string, args: BackupsArgs, provider: b2.Provider): b2.Bucket {
    const rule = {
      fileNamePrefix: "daily/",
      daysFromHidingToDeleting: undoDays,
      daysFromStartingToCancelingUnfinishedLargeFiles: unfinishedDays,
    };
    return new b2.Bucket(
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

  private key(name: string, { app }: BackupsArgs, bucket: b2.Bucket, provider: b2.Provider): b2.ApplicationKey {
    return new b2.ApplicationKey(
      `${name}-key`,
      { keyName: `${app.name}-vps`, capabilities, bucketIds: [bucket.bucketId] },
      { parent: this, provider },
    );
  }

  private environment(name: string, args: BackupsArgs, key: b2.ApplicationKey): FileSet {
    const { connection, app, alert, endpoint } = args;
    const text = pulumi.all([key.applicationKeyId, key.applicationKey]).apply(([keyId, secret]) =>
      renderVariables({
        B2_KEY_ID: keyId,
        B2_APP_KEY: secret,
        B2_BUCKET: args.bucket,
        B2_ENDPOINT: endpoint,
        SITE: app.domain,
        ALERT_WEBHOOK: alert.webhook,
        DEAD_MAN_URL: alert.deadManUrl,
      }),
    );
    const entry = { kind: "file" as const, content: pulumi.secret(text), mode: "0600", owner: "root:root" };
    return new FileSet(
      `${name}-environment`,
      { connection, entries: { [`/opt/${app.name}/config/backup.env`]: entry } },
      { parent: this, dependsOn: [...(args.after ?? [])] },
    );
  }

  private rclone(name: string, { connection, after, rclone }: BackupsArgs): command.remote.Command {
    const { host, port, user, hostKey } = connection;
    const hash = createHash("sha256").update(installRcloneScript()).digest("hex");
    return new command.remote.Command(
      `${name}-rclone`,
      {
        connection: { host, port, user, hostKey },
        create: installRclone(connection, rclone),
        // A new VPS behind the same name must be bootstrapped again.
        triggers: [hash, ...rcloneArchives(rclone), host, hostKey],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, deleteBeforeReplace: false, dependsOn: [...(after ?? [])] },
    );
  }

  private job(name: string, { connection, app }: BackupsArgs, dependsOn: pulumi.Resource[]): FileSet {
    return new FileSet(`${name}-job`, { connection, ...backupsSet(app.name) }, { parent: this, dependsOn });
  }
}
