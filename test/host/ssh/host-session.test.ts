import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../../repository";

const script = readRepositoryFile("host/ssh/session.sh");
const words = (...texts: string[]): string => Buffer.from(texts.map((text) => `${text}\0`).join("")).toString("base64");

/** A holder of the lock, who speaks the session's protocol by hand. */
class Holder {
  readonly lines: string[] = [];
  readonly ended: Promise<unknown>;
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;

  constructor(lock: string, silenceSeconds: number, name: string, former = "") {
    const line = ["-c", script, "ssh/session.sh", lock, String(silenceSeconds), name, former];
    this.process = spawn("bash", line, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.process.stdout).on("line", (line) => this.lines.push(line));
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin.on("error", () => undefined);
  }

  say(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  run(id: number, text: string): void {
    this.say(`run ${id} ${words(text, "")}`);
  }

  leave(): void {
    this.process.stdin.end();
  }
}

let folder: string;
let lock: string;
const holders: Holder[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "session-"));
  lock = join(folder, "lock");
});
afterEach(async () => {
  for (const holder of holders.splice(0)) {
    holder.leave();
    await holder.ended;
  }
  rmSync(folder, { recursive: true });
});

async function hold(name: string, silenceSeconds = 60, former = ""): Promise<Holder> {
  const holder = new Holder(lock, silenceSeconds, name, former);
  holders.push(holder);
  await expect.poll(() => holder.lines.length, { timeout: 5000 }).toBeGreaterThan(0);
  return holder;
}

/** A lock file of an earlier version, which a rollout of that version holds. */
async function holdFormer(former: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  writeFileSync(former, "");
  const words = ["--nonblock", former, "sh", "-c", "echo held; sleep 60"];
  const process = spawn("flock", words, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  await new Promise((resolve) => process.stdout.once("data", resolve));
  return process;
}

describe("ssh/session.sh, beside a rollout of an earlier version", () => {
  test("waits for its lock, and holds it afterwards", async () => {
    const former = join(folder, "former");
    const rollout = await holdFormer(former);
    writeFileSync(`${former}.holder`, "carol@laptop\n");
    expect((await hold("ann", 60, former)).lines).toEqual(["held carol@laptop"]);
    process.kill(-(rollout.pid ?? 0));
    await once(rollout, "close");
    expect((await hold("ann", 60, former)).lines).toEqual(["ready"]);
    expect(spawnSync("flock", ["--nonblock", former, "true"]).status).toBe(1);
  });

  test("ignores a file of another user, and a link, at its place", async () => {
    const former = join(folder, "former");
    const rollout = await holdFormer(former);
    chownSync(former, 1001, 1001);
    symlinkSync(former, join(folder, "link"));
    expect((await hold("ann", 60, former)).lines).toEqual(["ready"]);
    holders.pop()?.leave();
    await expect.poll(() => spawnSync("flock", ["--nonblock", lock, "true"]).status).toBe(0);
    chownSync(former, 0, 0);
    expect((await hold("bob", 60, join(folder, "link"))).lines).toEqual(["ready"]);
    process.kill(-(rollout.pid ?? 0));
    await once(rollout, "close");
  });
});

describe("ssh/session.sh", () => {
  test("keeps its lock in a directory that only root can open", async () => {
    lock = join(folder, "app", "lock");
    await hold("ann");
    expect(statSync(join(folder, "app")).mode & 0o777).toBe(0o700);
  });

  test("the second is told who holds the lock, and gets it once the first has left", async () => {
    const first = await hold("ann@laptop since noon");
    expect((await hold("bob@laptop")).lines).toEqual(["held ann@laptop since noon"]);
    first.leave();
    await first.ended;
    expect((await hold("bob@laptop")).lines).toEqual(["ready"]);
  });

  test("runs steps and tells what they said and how they ended", async () => {
    const holder = await hold("ann");
    holder.run(1, "echo out; echo err >&2; exit 3");
    await expect.poll(() => holder.lines, { timeout: 5000 }).toEqual(["ready", "> out", "! err", "= 1 3"]);
  });

  test("a holder that falls silent loses the lock, and the step it had begun ends with it", async () => {
    const silent = await hold("ann", 1);
    silent.run(1, `touch '${folder}/begun'; sleep 3; touch '${folder}/finished'`);
    await silent.ended;
    expect(existsSync(join(folder, "begun"))).toBe(true);
    const next = await hold("bob");
    expect(next.lines).toEqual(["ready"]);
    // The words of the silent holder reach nobody now: its session has ended.
    silent.run(2, `touch '${folder}/late'`);
    next.run(1, "sleep 3; echo waited");
    await expect.poll(() => next.lines, { timeout: 10_000 }).toEqual(["ready", "> waited", "= 1 0"]);
    expect(existsSync(join(folder, "finished"))).toBe(false);
    expect(existsSync(join(folder, "late"))).toBe(false);
  });
});
