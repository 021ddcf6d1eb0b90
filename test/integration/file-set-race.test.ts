import { chmodSync, chownSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { spawn, type ChildProcess } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileSetInputsSchema } from "../../host/file-set/inputs";
import { renderPayload } from "../../host/file-set/payload";
import { PrivateHost, type Result } from "../support/private-host";

const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const app = 1001;
const rounds = 50;
const secret = "root:secret\n";

let host: PrivateHost;
let hostile: ChildProcess | undefined;
beforeEach(() => {
  host = new PrivateHost();
  host.write("/etc/canary", secret);
  chmodSync(host.path("/etc/canary"), 0o600);
});
afterEach(() => {
  hostile?.kill("SIGKILL");
  host.dispose();
});

/** Starts a loop that runs as the app's user, in a folder of the server. */
function attack(folder: string, body: string): void {
  const words = ["--reuid", String(app), "--regid", String(app), "--clear-groups"];
  hostile = spawn("setpriv", [...words, "perl", "-e", `while (1) { ${body} }`], { cwd: host.path(folder) });
}

function apply(entries: object): Result {
  const inputs = fileSetInputsSchema.parse({ connection, set: "files", owner: "infra/prod/app", entries });
  return host.run("file-set/apply.sh", ["files", "infra/prod/app"], renderPayload(inputs));
}

function canary(): object {
  const { uid, gid, mode } = statSync(host.path("/etc/canary"));
  return { uid, gid, mode: mode & 0o7777, text: host.text("/etc/canary") };
}

/** The attacker may put a link in its place between two calls. Then the folder stays until a later round. */
function removeFolder(): void {
  try {
    rmdirSync(host.path("/opt/shared/folder"));
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

const unchanged = { uid: 0, gid: 0, mode: 0o600, text: secret };

test("an app that replaces a folder in its data by a link gets no file of the server, in 50 attempts", () => {
  const data = { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" };
  mkdirSync(host.path("/opt/data"));
  chownSync(host.path("/opt/data"), app, app);
  attack("/opt/data", 'rmdir "lancedb"; symlink "/etc/canary", "lancedb"; unlink "lancedb";');
  const messages = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    messages.add(apply({ "/opt/data": data, "/opt/data/lancedb": { ...data, ownership: "enforced" } }).stderr);
    expect(canary()).toEqual(unchanged);
  }
  expect([...messages]).toEqual([expect.stringContaining("/opt/data does not belong to root")]);
});

test("the repair of a folder that the app owns by mistake follows no link that the app creates there, in 50 attempts", () => {
  const entries = {
    "/opt/shared": { kind: "directory" },
    "/opt/shared/folder": { kind: "directory", mode: "0755" },
    "/opt/shared/file": { kind: "file", content: "ours\n" },
  };
  apply(entries);
  attack(
    "/opt/shared",
    `rename "folder", "aside"; symlink "/etc/canary", "folder"; unlink "folder"; rename "aside", "folder";
     symlink "/etc/canary", ".file.vps-plugin";`,
  );
  let repaired = 0;
  for (let round = 0; round < rounds; round += 1) {
    chownSync(host.path("/opt/shared"), app, app);
    chmodSync(host.path("/opt/shared"), 0o777);
    chmodSync(host.path("/opt/shared/file"), 0o666);
    if (apply(entries).status === 0) repaired += 1;
    expect(canary()).toEqual(unchanged);
    if (round % 10 === 9) removeFolder();
  }
  expect(repaired).toBeGreaterThan(0);
});
