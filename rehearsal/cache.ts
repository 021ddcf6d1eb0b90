import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The folder on this machine that all checkouts share: `$XDG_CACHE_HOME/memoryloop-infra`, by default in `~/.cache`. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "memoryloop-infra");

/**
 * The folder `name` of the cache, made by `make` where it does not exist yet. It appears whole or not at all: `make`
 * fills another folder beside it, which then takes its name. Of two makers at once one wins, and both get its folder.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const unfinished = await mkdtemp(join(cacheFolder(), `.${name}-`));
  try {
    await make(unfinished);
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
