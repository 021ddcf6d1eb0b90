import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackupSandbox, appUid } from "../../rehearsal/driver/backup-sandbox";

const rounds = 50;
const minutes = 60_000;
/** Directories in which a file of the app would give the app root rights. */
const targets = ["usr/local/lib", "etc/systemd/system"];
const uid = String(appUid);

let host: BackupSandbox;
beforeAll(async () => {
  host = await BackupSandbox.start();
  // The app's own data is not tested here: a scan succeeds at once, and the app is always healthy.
  host.skipScan();
  host.command("curl", `case "$*" in *--unix-socket*) printf 200 ;; *) PATH=$REAL_PATH exec curl "$@" ;; esac`);
  for (const target of targets) {
    mkdirSync(join(host.root, target), { recursive: true });
    writeFileSync(join(host.root, target, "canary"), "as it was");
  }
});
afterAll(() => {
  host.close();
});

/** Creates new data of the app and removes everything of an earlier round. */
function reset(): void {
  const data = dirname(host.database);
  for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true, force: true });
  rmSync(join(host.root, "var/lib/memoryloop/data-change"), { force: true });
  for (const folder of ["", "items.lance", "items.lance/_versions", "items.lance/data"]) {
    mkdirSync(join(host.database, folder));
    chownSync(join(host.database, folder), appUid, appUid);
  }
  for (const file of ["evil.service", "items.lance/_versions/1.manifest", "items.lance/data/1.lance"]) {
    host.write(file, "the app's own content");
  }
}

/** The properties that a write would change: names, inodes, modes, owners, times and contents. */
function targetsNow(): string {
  const folders = ["usr", "etc"].map((name) => join(host.root, name));
  const found = execFileSync("find", [...folders, "-printf", "%p %y %i %m %U:%G %T@ %C@\\n"], { encoding: "utf8" });
  const contents = targets.map((target) => readFileSync(join(host.root, target, "canary"), "utf8"));
  return [...found.split("\n").sort(), ...contents].join("\n");
}

/** Runs the work while the hostile app runs, and returns the number of links that the app created. */
async function beside(mode: "newcomers" | "everything", work: () => Promise<void>): Promise<number> {
  const script = readFileSync("test/support/hostile-app.mjs", "utf8");
  const folders = targets.map((target) => join(host.root, target));
  const node = [process.execPath, "--input-type=module", "--eval", script, "hostile", mode, ...folders];
  const app = spawn("setpriv", [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--no-new-privs", ...node], {
    cwd: dirname(host.database),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = text(app.stdout);
  try {
    await work();
  } finally {
    app.kill("SIGTERM");
    await once(app, "close");
  }
  return Number(await printed);
}

/** Runs every script that works with the data, in rounds. Returns the exit codes. */
async function allScripts(): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  const runs = { backup: ["daily"], drill: [], doctor: [], restore: ["in-place", "latest"], recover: [] };
  for (const [script, words] of Object.entries(runs)) codes[script] = (await host.run(script, words)).code;
  return codes;
}

describe("a hostile app, while backup, drill, doctor, restore and recovery run", () => {
  test(`wins none of ${rounds} races`, { timeout: 40 * minutes }, async () => {
    const before = targetsNow();
    let links = 0;
    for (let round = 0; round < rounds; round += 1) {
      reset();
      const mode = round % 2 === 0 ? "newcomers" : "everything";
      let codes = {};
      links += await beside(mode, async () => {
        codes = await allScripts();
      });
      expect(targetsNow(), `round ${round}`).toBe(before);
      // An app that replaces its own database may break its backups. If it does not touch the database, no backup fails.
      if (mode === "newcomers") expect(codes, `round ${round}`).toMatchObject({ backup: 0, drill: 0, doctor: 0 });
    }
    expect(links).toBeGreaterThan(rounds);
  });
});
