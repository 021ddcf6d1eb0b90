import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The checkout's root folder, the same from TypeScript sources and from `dist/`. */
export const repositoryRoot = existsSync(join(__dirname, "package.json")) ? __dirname : join(__dirname, "..");

/** The text of a file of this repository, such as a template under `rootfs/`. */
export const readRepositoryFile = (...path: string[]): string => readFileSync(join(repositoryRoot, ...path), "utf8");

/** Folders with the sources of the program and its plugin. */
const programFolders = ["components", "github", "host", "provider"];

const isSource = (file: string): boolean => file.endsWith(".ts");

function programSources(): string[] {
  const atRoot = readdirSync(repositoryRoot).filter((file) => isSource(file) || file === "package-lock.json");
  const below = programFolders.flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
      .filter(isSource)
      .map((file) => join(folder, file)),
  );
  return [...atRoot, ...below].map((file) => join(repositoryRoot, file));
}

/** Time in milliseconds when a file was last written; 0 when there is no such file. */
const writtenAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether every source of the program was written before the last build, and that build was completed. */
function isBuildCurrent(): boolean {
  const compiledAt = writtenAt(join(repositoryRoot, "dist", ".tsbuildinfo"));
  const builtAt = writtenAt(join(repositoryRoot, "dist", "provider.cjs")) < compiledAt ? 0 : compiledAt;
  return programSources().every((file) => writtenAt(file) <= builtAt);
}

let checked = false;

/** Refuses to run compiled code that is older than its sources. Looks once per process. @throws what `error` makes. */
export function assertBuildIsCurrent(error: (message: string) => Error): void {
  if (!checked && !isBuildCurrent()) throw error("dist/ is older than its sources: run `npm run build` and try again.");
  checked = true;
}
