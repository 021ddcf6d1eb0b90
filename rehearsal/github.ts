import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { repositoryRoot } from "../repository";
import type { World } from "./world/world";

const startSeconds = 10;
const pollMilliseconds = 100;

/** The app's repository on the rehearsal's GitHub. */
export const githubRepository = { owner: "nicholaspsmith", name: "memoryloop" } as const;

/** A world's emulated GitHub. Only this machine can reach it. */
export interface RehearsedGithub {
  /** `http://127.0.0.1:<port>/`, under which the API answers at `/api/v3/`. */
  readonly baseUrl: string;
  /** A token with all permissions. */
  readonly token: string;
}

const folderOf = (world: World): string => join(world.folder, "github");

/** The world's GitHub; undefined if it was never started. */
export function findGithub(world: World): RehearsedGithub | undefined {
  const [port, token] = ["port", "token"].map((name) => join(folderOf(world), name));
  if (!port || !token || !existsSync(port) || !existsSync(token)) return undefined;
  return { baseUrl: `http://127.0.0.1:${readFileSync(port, "utf8")}/`, token: readFileSync(token, "utf8") };
}

async function answering(world: World): Promise<RehearsedGithub | undefined> {
  const github = findGithub(world);
  if (github === undefined) return undefined;
  const asked = fetch(`${github.baseUrl}emulator/status`, { signal: AbortSignal.timeout(1000) });
  return asked.then(
    ({ ok }) => (ok ? github : undefined),
    () => undefined,
  );
}

/** Ensures that the world's GitHub runs: a separate process, which ends when the world's folder is removed. */
export async function ensureGithub(world: World): Promise<RehearsedGithub> {
  const running = await answering(world);
  if (running) return running;
  mkdirSync(folderOf(world), { recursive: true });
  const log = openSync(join(folderOf(world), "log"), "a");
  const { owner, name } = githubRepository;
  const program = join(repositoryRoot, "dist/rehearsal/emulators/github/main.js");
  spawn(process.execPath, [program, folderOf(world), owner, name], {
    detached: true,
    stdio: ["ignore", log, log],
  }).unref();
  for (const deadline = Date.now() + startSeconds * 1000; Date.now() < deadline;) {
    await delay(pollMilliseconds);
    const started = await answering(world);
    if (started) return started;
  }
  throw new Error(`the emulated GitHub does not answer: see ${join(folderOf(world), "log")}`);
}
