import { appendFileSync, chownSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileSetInputsSchema, type Entry } from "../../../host/file-set/inputs";
import { renderPayload } from "../../../host/file-set/payload";
import { appFilesSet } from "../../../host/sets/app-files";
import { scriptsSet } from "../../../host/sets/scripts";
import { PrivateHost, type Result } from "../../support/private-host";

const data = [{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }];
const app = { name: "memoryloop", uid: 1001, identity: "", data };
const database = "/opt/memoryloop/data/lancedb";
const connection = { host: "vps", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const succeeded = { status: 0, signal: null, stdout: "", stderr: "" };

let host: PrivateHost;
beforeEach(() => {
  host = new PrivateHost();
});
afterEach(() => {
  host.dispose();
});

function apply(entries: Record<string, Entry>): Result {
  const inputs = fileSetInputsSchema.parse({ connection, set: "host-files", owner: "infra/prod/memoryloop", entries });
  return host.run("file-set/apply.sh", ["host-files", "infra/prod/memoryloop"], renderPayload(inputs));
}

const ownerOf = (entry: Entry | undefined): string =>
  entry?.kind === "file" || entry?.kind === "directory" ? entry.owner : "root:root";

/** Entries that have a parent directory among the entries that does not belong to root. */
const belowAnotherUser = (entries: Record<string, Entry>): string[] =>
  Object.keys(entries).filter((path) =>
    Object.keys(entries).some((parent) => path.startsWith(`${parent}/`) && ownerOf(entries[parent]) !== "root:root"),
  );

/** The directories of the set that a PrivateHost keeps away from this machine. */
const directories = Object.fromEntries(
  Object.entries(appFilesSet(app).entries).filter(
    ([path, { kind }]) => kind === "directory" && /^\/(opt|var\/lib)\//.test(path),
  ),
);
const directory = { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" } as const;
/** The entries of the version before, which held the database too. */
const earlier: Record<string, Entry> = { ...directories, [database]: directory };

/** Leaves the server as a version of the program left it that managed the database too. */
function applyEarlier(): void {
  expect(apply(directories)).toEqual(succeeded);
  mkdirSync(host.path(database), { mode: 0o750 });
  chownSync(host.path(database), app.uid, app.uid);
  appendFileSync(host.path("/var/lib/vps-plugin/sets/host-files@memoryloop/taken"), `path ${database}\n`);
}

describe("appFilesSet", () => {
  test("has no entry below a directory that the app owns", () => {
    expect(belowAnotherUser(appFilesSet(app).entries)).toEqual([]);
    expect(belowAnotherUser(earlier)).toEqual([database]);
  });

  test.each(["with data", "without data"])("an update leaves the database of an earlier version alone, %s", (what) => {
    applyEarlier();
    if (what === "with data") host.write(`${database}/file`, "the app's");
    const before = lstatSync(host.path(database));
    expect(apply(directories)).toEqual(succeeded);
    expect(lstatSync(host.path(database))).toEqual(before);
    expect(apply({})).toEqual(succeeded);
    expect(lstatSync(host.path(database))).toEqual(before);
  });

  test("an update follows no link that the app put at its database", () => {
    applyEarlier();
    rmSync(host.path(database), { recursive: true });
    mkdirSync(host.path("/etc/target"), { mode: 0o700 });
    symlinkSync("/etc/target", host.path(database));
    const before = lstatSync(host.path("/etc/target"));
    expect(apply(directories)).toEqual(succeeded);
    expect(lstatSync(host.path("/etc/target"))).toEqual(before);
  });
});

describe("draw-identity, which the set's activation runs", () => {
  const id = "0b6c6b1e-5f0a-4d0a-9a51-0f6a1f1f0a10";
  const [[script = "", ...words] = []] = (appFilesSet({ ...app, identity: id }).activate ?? []).slice(1);
  const program = scriptsSet().entries[script];
  const run = (): Result => host.bash(program?.kind === "file" ? program.content : "", ["draw-identity", ...words]);
  const file = "/opt/memoryloop/identity";

  test("gives a new app an id, which a later one does not replace", () => {
    apply(directories);
    expect(run()).toEqual(succeeded);
    expect(host.text(file)).toBe(`${id}\n`);
    host.write(file, "former\n");
    expect(run()).toEqual(succeeded);
    expect(host.text(file)).toBe("former\n");
  });

  test("gives none to an app that has a deployment already: its backups have none either", () => {
    apply(directories);
    host.write("/var/lib/memoryloop/deployments/deploy-1.json", "{}");
    expect(run()).toEqual(succeeded);
    expect(existsSync(host.path(file))).toBe(false);
  });

  test("does not run for an app without an id", () => {
    expect(appFilesSet(app).activate?.flat()).not.toContain(script);
  });
});

describe("make-as-owner, which the set's activation runs", () => {
  const [script = "", path = ""] = appFilesSet(app).activate?.at(-1) ?? [];
  const program = scriptsSet().entries[script];
  const run = (): Result => host.bash(program?.kind === "file" ? program.content : "", ["make-as-owner", path]);

  test("makes the database with the app's rights, once", () => {
    apply(directories);
    expect(run()).toEqual(succeeded);
    expect(path).toBe(database);
    const { mode, uid, gid, ino } = lstatSync(host.path(path));
    expect([mode & 0o7777, uid, gid]).toEqual([0o750, 1001, 1001]);
    expect(run()).toEqual(succeeded);
    expect(lstatSync(host.path(path)).ino).toBe(ino);
  });

  test("makes nothing where a link of the app leads", () => {
    apply(directories);
    symlinkSync("/etc/made-by-root", host.path(database));
    expect(run().status).not.toBe(0);
    expect(existsSync(host.path("/etc/made-by-root"))).toBe(false);
  });

  test("does nothing to a database that another user owns", () => {
    apply(directories);
    mkdirSync(host.path(database));
    chownSync(host.path(database), 4242, 4242);
    expect(run()).toEqual(succeeded);
    expect(lstatSync(host.path(database)).uid).toBe(4242);
  });
});
