import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot as root } from "./repository";

const stampFile = join(root, "dist", ".stamp");
/** What `pulumi up` runs, and what only the commands around it run. */
const folders = {
  program: ["components", "github", "host", "provider", "resources"],
  commands: ["bench", "ci", "ops", "policy", "rehearsal", "retention", "test/support"],
} as const;

type Part = keyof typeof folders;

const isSource = (file: string): boolean => file.endsWith(".ts") && !file.includes("node_modules");

const sourcesIn = (folder: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter(isSource)
        .map((file) => join(folder, file))
    : [];

const sourcesOf = (part: Part): string[] => {
  const shared = readdirSync(root).filter((file) => isSource(file) || file === "package-lock.json");
  return [...shared, ...folders[part].flatMap(sourcesIn)].sort();
};

function digestOf(part: Part): string {
  const hash = createHash("sha256");
  for (const file of sourcesOf(part)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function isBuilt(part: Part): boolean {
  if (!existsSync(stampFile)) return false;
  const stamp = JSON.parse(readFileSync(stampFile, "utf8")) as Record<Part, string>;
  return stamp[part] === digestOf(part);
}

/** What to tell who runs compiled code that is older than its sources. */
export const staleBuild = "dist/ was not built from these sources: run `npm run build` and try again.";

let current: boolean | undefined;

/** Whether the program and its plugin were built from their present sources. Looks once in the life of a process. */
export function isProgramCurrent(): boolean {
  current ??= isBuilt("program");
  return current;
}

const parts: readonly Part[] = ["program", "commands"];

if (require.main === module) {
  if (process.argv[2] === "write") {
    writeFileSync(stampFile, JSON.stringify(Object.fromEntries(parts.map((part) => [part, digestOf(part)]))));
  } else if (!parts.every(isBuilt)) process.exitCode = 1;
}
