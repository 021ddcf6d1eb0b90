import { execFile, execFileSync, spawn } from "node:child_process";
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
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { Emulator } from "../emulators/b2/server";
import { Store } from "../emulators/b2/store";
import type { Account, FileVersion } from "../emulators/b2/account";
import type { Fault } from "../emulators/b2/fault";
import { B2Account, type Key } from "../../test/support/b2-account";
import { ensureRclone } from "../offline/rclone/rclone";
import { ensureSampleBase } from "../release/sample-base";
import { ensureDocker } from "../world/docker-engine";
import { backupsSet } from "../../host/sets/backups";
import { repositoryRoot } from "../../repository";

const quietly = (): void => undefined;
const execute = promisify(execFile);
export const appUid = 1001;
const bucketName = "memoryloop-backups";
const release = "abcd1234";
/** Capabilities of the server's key. */
const keyCapabilities = ["listBuckets", "listFiles", "readFiles", "writeFiles"];
const scripts = join(repositoryRoot, "rootfs/backups/usr/local/lib/{{app}}-backup");

/** The capabilities that root keeps in the units, with setpriv's names. */
function unitCapabilities(): string[] {
  const unit = backupsSet("memoryloop").entries["/etc/systemd/system/memoryloop-backup@.service"];
  const names = /^CapabilityBoundingSet=(.+)$/m.exec(unit?.kind === "file" ? unit.content : "")?.[1] ?? "";
  return names.split(" ").map((name) => `+${name.replace("CAP_", "").toLowerCase()}`);
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface SandboxOptions {
  /** Size of the file system that holds /opt and /var. Without it, these use this machine's disk. */
  readonly megabytes?: number;
  /** Value of DATA in backup.env. */
  readonly data?: string;
}

interface Parts {
  readonly root: string;
  readonly image: string;
  readonly server: Server;
  readonly endpoint: string;
  readonly account: B2Account;
  readonly bucketId: string;
}

/**
 * A directory that the real backup scripts use as the root of their server. They run with the capabilities that the
 * units give them, with the real rclone and with LanceDB in the app's container image, against an emulated B2. Two
 * things differ from a server: systemd starts nothing, and a script answers `docker inspect` of the active container.
 */
export class BackupSandbox {
  private constructor(
    private readonly parts: Parts,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  static async start({ megabytes, data = "lancedb:lancedb" }: SandboxOptions = {}): Promise<BackupSandbox> {
    await ensureDocker(quietly);
    const image = await ensureSampleBase(quietly);
    const archive = await ensureRclone(quietly);
    const root = mkdtempSync(join(tmpdir(), "memoryloop-backup-"));
    chmodSync(root, 0o755);
    const master = { keyId: "master", key: "a master key" };
    const server = await new Emulator(new Store(join(root, "b2"), master)).listen(0, "127.0.0.1");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const account = await B2Account.open(endpoint, master);
    const bucketId = await account.makeBucket(bucketName);
    const key = await account.makeKey(bucketId, keyCapabilities);
    const host = new BackupSandbox(
      { root, image, server, endpoint, account, bucketId },
      {
        APP: "memoryloop",
        TEST_ROOT: root,
        B2_KEY_ID: key.keyId,
        B2_APP_KEY: key.key,
        B2_BUCKET: bucketName,
        B2_ENDPOINT: endpoint,
        DATA: data,
        SITE: "memoryloop.test",
        HEALTH_PATH: "/api/health",
        DEAD_MAN_URL: `${endpoint}/emulator/ping`,
      },
    );
    if (megabytes !== undefined) await host.mountDisk(megabytes);
    host.layOut(archive);
    return host;
  }

  /** A small file system for /opt and /var, as on a small server. */
  private async mountDisk(megabytes: number): Promise<void> {
    const image = join(this.root, "disk.img");
    mkdirSync(this.disk);
    await execute("truncate", [`--size=${megabytes}M`, image]);
    await execute("mkfs.ext4", ["-q", image]);
    await execute("mount", ["-o", "loop", image, this.disk]);
    for (const folder of ["opt", "var"]) {
      mkdirSync(join(this.disk, folder));
      symlinkSync(join("disk", folder), join(this.root, folder));
    }
  }

  private layOut(archive: string): void {
    const { root } = this;
    for (const folder of [this.database, this.staging, join(root, "var/lib/memoryloop"), this.commands]) {
      mkdirSync(folder, { recursive: true });
    }
    for (const folder of [dirname(this.database), this.database]) chownSync(folder, appUid, appUid);
    symlinkSync(`releases/${release}.sock`, join(root, "var/lib/memoryloop/current.sock"));
    const folder = readdirSync(dirname(archive)).find((name) => name.startsWith("rclone-v")) ?? "";
    symlinkSync(join(dirname(archive), folder, "rclone"), join(this.commands, "rclone"));
    this.useDocker();
  }

  /** Uses this machine's Docker. All sandboxes share it, so each uses a different name for its scan container. */
  useDocker(): void {
    this.command(
      "docker",
      `if [ "$1" = inspect ]; then echo ${this.image}; exit; fi
for word; do shift; [ "$word" != memoryloop-scan ] || word=${basename(this.root)}-scan; set -- "$@" "$word"; done
PATH=$REAL_PATH exec docker "$@"`,
    );
  }

  /** Uses a Docker whose scan succeeds at once, for tests of something else; `otherwise` handles other commands. */
  skipScan(otherwise = ""): void {
    const table = '[{"name":"items","version":1,"rows":1}]';
    this.command(
      "docker",
      `case $1 in inspect) echo image ;; run) cat >/dev/null; echo '${table}' ;; ${otherwise} esac`,
    );
  }

  get root(): string {
    return this.parts.root;
  }

  /** Image of the app. */
  get image(): string {
    return this.parts.image;
  }

  get database(): string {
    return join(this.root, "opt/memoryloop/data/lancedb");
  }

  /** Parent of all scratch directories. */
  get scratch(): string {
    return join(this.root, "opt/memoryloop/scratch");
  }

  get staging(): string {
    return join(this.root, "opt/memoryloop/backups/staging");
  }

  /** Mount point of the small file system, if there is one. */
  get disk(): string {
    return join(this.root, "disk");
  }

  private get commands(): string {
    return join(this.root, "commands");
  }

  /** Writes a file into the app's data, as the app does. */
  write(name: string, content: string | Buffer): void {
    const file = join(this.database, name);
    writeFileSync(file, content);
    chownSync(file, appUid, appUid);
  }

  /** Replaces a command of the system with an sh script. */
  command(name: string, script: string): void {
    const file = join(this.commands, name);
    if (name === "rclone") rmSync(file, { force: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Removes a replacement: the system's own command is used again. */
  restoreCommand(name: string): void {
    rmSync(join(this.commands, name));
  }

  /** Runs one of the backup scripts in a separate process group. */
  run(
    script: string,
    words: readonly string[] = [],
    extra: Readonly<Record<string, string>> = {},
    started?: (group: number) => void,
  ): Promise<Finished> {
    return this.start([join(scripts, `${script}.sh`), ...words], extra, started);
  }

  /** Runs a script with a fault at one of the places that `steps` returns; `met` is true if the script reached it. */
  async runWithFault(script: string, words: readonly string[], step: string, fault: string) {
    const met = join(this.root, "met");
    rmSync(met, { force: true });
    const finished = await this.run(script, words, { ...atStep(script), STEP: step, MET: met, FAULT: fault });
    return { ...finished, met: existsSync(met) };
  }

  /** Runs a script and returns the place of each of its commands in the source, in the order of execution. */
  async steps(script: string, words: readonly string[]): Promise<readonly string[]> {
    const file = join(this.root, "steps");
    const { code, stderr } = await this.run(script, words, { ...atStep(script), STEPS: file });
    if (code !== 0) throw new Error(stderr);
    return [...new Set(readFileSync(file, "utf8").trim().split("\n"))];
  }

  /** Runs a line of bash with the variables of the job and of rclone. @throws Error with its messages if it fails. */
  async shell(line: string): Promise<void> {
    const { code, stderr } = await this.start(["-c", line], {
      SCRIPTS: scripts,
      DATABASE: this.database,
      STAGING: this.staging,
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_B2_TYPE: "b2",
      RCLONE_CONFIG_B2_ACCOUNT: this.variables["B2_KEY_ID"] ?? "",
      RCLONE_CONFIG_B2_KEY: this.variables["B2_APP_KEY"] ?? "",
      RCLONE_CONFIG_B2_ENDPOINT: this.parts.endpoint,
    });
    if (code !== 0) throw new Error(stderr);
  }

  private start(
    words: readonly string[],
    extra: Readonly<Record<string, string>>,
    started?: (group: number) => void,
  ): Promise<Finished> {
    const path = process.env["PATH"] ?? "";
    const limited = [`--bounding-set=${["-all", ...unitCapabilities()].join(",")}`, "bash", ...words];
    const child = spawn("setpriv", limited, {
      detached: true,
      env: { ...this.variables, PATH: `${this.commands}:${path}`, REAL_PATH: path, HOME: this.root, ...extra },
    });
    started?.(child.pid ?? 0);
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

  /** Runs a script of Node.js in the app's image, with the data at /data, and returns its output. */
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

  /** Makes another key for the bucket, and a function that revokes it. */
  async otherKey(can: readonly string[]): Promise<Key & { readonly revoke: () => Promise<void> }> {
    const { account, bucketId } = this.parts;
    const key = await account.makeKey(bucketId, can);
    return { ...key, revoke: () => account.revoke(key) };
  }

  async control(setting: "faults" | "clock", body: object): Promise<void> {
    await fetch(`${this.parts.endpoint}/emulator/${setting}`, { method: "POST", body: JSON.stringify(body) });
  }

  faults(...faults: readonly Fault[]): Promise<void> {
    return this.control("faults", { faults });
  }

  /** All calls that the emulator received. */
  async log(): Promise<readonly { operation: string; body: Record<string, string> }[]> {
    const answer = (await (await fetch(`${this.parts.endpoint}/emulator/log`)).json()) as { calls: never[] };
    return answer.calls;
  }

  /** All file versions and hide markers of the bucket, oldest first. */
  async versions(): Promise<readonly FileVersion[]> {
    const { account } = (await (await fetch(`${this.parts.endpoint}/emulator/account`)).json()) as { account: Account };
    return account.versions;
  }

  /** The newest version of each name that is not hidden. */
  async objects(): Promise<readonly FileVersion[]> {
    const newest = new Map((await this.versions()).map((version) => [version.fileName, version]));
    return [...newest.values()].filter(({ action }) => action === "upload");
  }

  /** Names of the backups under a folder (archives that have a record), oldest first. */
  async verified(folder: string): Promise<readonly string[]> {
    const names = new Set((await this.objects()).map(({ fileName }) => fileName));
    return [...names]
      .filter((name) => name.startsWith(`${folder}/`) && name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .filter((name) => names.has(`${name}.tar.zst`))
      .sort();
  }

  /** Changes a byte of a stored object. */
  async corrupt(name: string): Promise<void> {
    const piece = (await this.objects()).find(({ fileName }) => fileName === name)?.pieces[0]?.file ?? "";
    const file = join(this.root, "b2/content", piece);
    const content = readFileSync(file);
    content.writeUInt8(content.readUInt8(0) ^ 0xff, 0);
    writeFileSync(file, content);
  }

  lastRun(): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.root, "var/lib/memoryloop/backups/last-run.json"), "utf8")) as Record<
      string,
      unknown
    >;
  }

  /** Temporary files that exist although no script runs. */
  leftovers(): readonly string[] {
    const hidden = readdirSync(dirname(this.database)).filter((name) => name.startsWith("."));
    const scratch = existsSync(this.scratch) ? readdirSync(this.scratch) : [];
    return [...readdirSync(this.staging), ...hidden, ...scratch];
  }

  close(): void {
    this.parts.server.close();
    this.parts.server.closeAllConnections();
    if (existsSync(this.disk)) execFileSync("umount", [this.disk]);
    rmSync(this.root, { recursive: true, force: true });
  }
}

const atStep = (script: string) => ({
  BASH_ENV: join(repositoryRoot, "test/support/at-step.sh"),
  STEPS_OF: `${script}.sh`,
});

/** Script that makes a table with this many rows, as the app does. */
export const makeTable = (name: string, rows: number): string => `
import { connect } from "@lancedb/lancedb";
const db = await connect("/data");
const rows = Array.from({ length: ${rows} }, (_, id) => ({ id, generation: 0, vector: [Math.random(), Math.random()] }));
await db.createTable("${name}", rows, { mode: "overwrite" });`;
