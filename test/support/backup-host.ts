import { execFile, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Emulator } from "../../rehearsal/emulators/b2/server";
import { Store } from "../../rehearsal/emulators/b2/store";
import type { Account, FileVersion } from "../../rehearsal/emulators/b2/account";
import type { Fault } from "../../rehearsal/emulators/b2/fault";
import { ensureRclone } from "../../rehearsal/rclone/rclone";
import { ensureSampleBase } from "../../rehearsal/release/sample-base";
import { ensureDocker } from "../../rehearsal/world/docker-engine";
import { repositoryRoot } from "../../repository";

const quietly = (): void => undefined;
const execute = promisify(execFile);
const APP_UID = 1001;
const bucketName = "memoryloop-backups";
const release = "abcd1234";
const scripts = join(repositoryRoot, "host/backup");

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A private root with the app's data, on which the real backup scripts run with the real rclone and, in the app's real
 * container image, the real LanceDB, against an emulated B2. Only two things are not as on a VPS: systemd starts
 * nothing, and `docker inspect` of the serving container is answered by a script.
 */
export class BackupHost {
  private constructor(
    readonly root: string,
    readonly image: string,
    private readonly server: Server,
    readonly endpoint: string,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  static async start(): Promise<BackupHost> {
    await ensureDocker(quietly);
    const image = await ensureSampleBase(quietly);
    const archive = await ensureRclone(quietly);
    const root = mkdtempSync(join(tmpdir(), "memoryloop-backup-"));
    chmodSync(root, 0o755);
    const master = { keyId: "master", key: "a master key" };
    const server = await new Emulator(new Store(join(root, "b2"), master)).listen(0, "127.0.0.1");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const key = await makeBucket(endpoint, master);
    const host = new BackupHost(root, image, server, endpoint, {
      APP: "memoryloop",
      BACKUP_ROOT: root,
      B2_KEY_ID: key.keyId,
      B2_APP_KEY: key.key,
      B2_BUCKET: bucketName,
      B2_ENDPOINT: endpoint,
      ALERT_WEBHOOK: `${endpoint}/emulator/alert`,
      DEAD_MAN_URL: `${endpoint}/emulator/ping`,
    });
    host.layOut(archive);
    return host;
  }

  private layOut(archive: string): void {
    const { root } = this;
    for (const folder of [this.database, this.staging, join(root, "var/lib/memoryloop"), this.commands]) {
      mkdirSync(folder, { recursive: true });
    }
    for (const folder of [dirname(this.database), this.database]) chownSync(folder, APP_UID, APP_UID);
    symlinkSync(`releases/${release}.sock`, join(root, "var/lib/memoryloop/current.sock"));
    const folder = readdirSync(dirname(archive)).find((name) => name.startsWith("rclone-v")) ?? "";
    symlinkSync(join(dirname(archive), folder, "rclone"), join(this.commands, "rclone"));
    this.command(
      "docker",
      `if [ "$1" = inspect ]; then echo ${this.image}; else exec /usr/bin/env PATH="$REAL_PATH" docker "$@"; fi`,
    );
  }

  get database(): string {
    return join(this.root, "opt/memoryloop/data/lancedb");
  }

  get staging(): string {
    return join(this.root, "opt/memoryloop/backups/staging");
  }

  private get commands(): string {
    return join(this.root, "commands");
  }

  /** Puts a command before the system's own: the text of an sh script. */
  command(name: string, script: string): void {
    const file = join(this.commands, name);
    if (name === "rclone") rmSync(file, { force: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Runs one of the scripts of host/backup, in a process group of its own. */
  run(script: string, words: readonly string[] = [], extra: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.start([join(scripts, `${script}.sh`), ...words], extra);
  }

  /** Runs a line of bash with the job's variables, and rclone's. @throws Error with what it said when it fails. */
  async shell(line: string): Promise<void> {
    const { code, stderr } = await this.start(["-c", line], {
      SCRIPTS: scripts,
      DATABASE: this.database,
      STAGING: this.staging,
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_B2_TYPE: "b2",
      RCLONE_CONFIG_B2_ACCOUNT: this.variables["B2_KEY_ID"] ?? "",
      RCLONE_CONFIG_B2_KEY: this.variables["B2_APP_KEY"] ?? "",
      RCLONE_CONFIG_B2_ENDPOINT: this.endpoint,
    });
    if (code !== 0) throw new Error(stderr);
  }

  private start(words: readonly string[], extra: Readonly<Record<string, string>>): Promise<Finished> {
    const path = process.env["PATH"] ?? "";
    const child = spawn("bash", words, {
      detached: true,
      env: { ...this.variables, PATH: `${this.commands}:${path}`, REAL_PATH: path, HOME: this.root, ...extra },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        resolve({ code: code ?? -1, stdout, stderr });
      });
    });
  }

  /** Runs a script of Node.js in the app's image, with the data at /data, and gives its output. */
  async node(script: string, folder: string = this.database): Promise<string> {
    const mount = ["--mount", `type=bind,source=${folder},target=/data`, "--workdir", "/app", "--network", "none"];
    const words = [
      "run",
      "--rm",
      ...mount,
      "--entrypoint",
      "node",
      this.image,
      "--input-type=module",
      "--eval",
      script,
    ];
    return (await execute("docker", words, { maxBuffer: 1e8 })).stdout;
  }

  async tell(what: "faults" | "clock", body: object): Promise<void> {
    await fetch(`${this.endpoint}/emulator/${what}`, { method: "POST", body: JSON.stringify(body) });
  }

  faults(...faults: readonly Fault[]): Promise<void> {
    return this.tell("faults", { faults });
  }

  /** Everything the emulator was asked. */
  async log(): Promise<readonly { operation: string; body: Record<string, string> }[]> {
    const answer = (await (await fetch(`${this.endpoint}/emulator/log`)).json()) as { calls: never[] };
    return answer.calls;
  }

  /** All versions and markers of the bucket, oldest first. */
  async versions(): Promise<readonly FileVersion[]> {
    const { account } = (await (await fetch(`${this.endpoint}/emulator/account`)).json()) as { account: Account };
    return account.versions;
  }

  /** The newest version of each name that is not hidden. */
  async objects(): Promise<readonly FileVersion[]> {
    const newest = new Map((await this.versions()).map((version) => [version.fileName, version]));
    return [...newest.values()].filter(({ action }) => action === "upload");
  }

  /** Names of the objects under a folder that count as backups: archives with a record, oldest first. */
  async verified(folder: string): Promise<readonly string[]> {
    const names = new Set((await this.objects()).map(({ fileName }) => fileName));
    return [...names]
      .filter((name) => name.startsWith(`${folder}/`) && name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .filter((name) => names.has(`${name}.tar.zst`))
      .sort();
  }

  lastRun(): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.root, "var/lib/memoryloop/backups/last-run.json"), "utf8")) as Record<
      string,
      unknown
    >;
  }

  /** What a run must not leave behind, as far as it is there. */
  leftovers(): readonly string[] {
    const data = dirname(this.database);
    return [
      ...readdirSync(this.staging),
      ...[".backup-snapshot", ".restore", ".doctor"].filter((name) => existsSync(join(data, name))),
    ];
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function makeBucket(endpoint: string, master: { keyId: string; key: string }) {
  const basic = Buffer.from(`${master.keyId}:${master.key}`).toString("base64");
  const call = async (operation: string, authorization: string, body: object): Promise<Record<string, string>> => {
    const response = await fetch(`${endpoint}/b2api/v4/${operation}`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, string>;
  };
  const { authorizationToken = "" } = await call("b2_authorize_account", `Basic ${basic}`, {});
  const rule = {
    fileNamePrefix: "daily/",
    daysFromHidingToDeleting: 7,
    daysFromUploadingToHiding: null,
    daysFromStartingToCancelingUnfinishedLargeFiles: 1,
  };
  const { bucketId = "" } = await call("b2_create_bucket", authorizationToken, {
    bucketName,
    bucketType: "allPrivate",
    lifecycleRules: [rule],
  });
  const capabilities = ["listBuckets", "listFiles", "readFiles", "writeFiles"];
  const key = await call("b2_create_key", authorizationToken, { keyName: "vps", capabilities, bucketIds: [bucketId] });
  return { keyId: key["applicationKeyId"] ?? "", key: key["applicationKey"] ?? "" };
}

/** A table with this many rows, as the app makes one. */
export const makeTable = (name: string, rows: number): string => `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const rows = Array.from({ length: ${rows} }, (_, id) => ({ id, generation: 0, vector: [Math.random(), Math.random()] }));
await db.createTable("${name}", rows, { mode: "overwrite" });`;
