import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot as root } from "./repository";

const stampFile = join(root, "dist", ".stamp");
const folders = ["components", "resources", "provider", "rehearsal", "ops", "policy", "bench"];

const sourcesIn = (folder: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
        .map((file) => join(folder, file))
    : [];

const sources = (): string[] =>
  [
    ...readdirSync(root).filter((file) => file.endsWith(".ts") || file === "package-lock.json"),
    ...folders.flatMap(sourcesIn),
  ].sort();

function digest(): string {
  const hash = createHash("sha256");
  for (const file of sources()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Whether `dist/` was built from the TypeScript sources as they are now. */
export const isBuildCurrent = (): boolean => existsSync(stampFile) && readFileSync(stampFile, "utf8") === digest();

/**
 * Refuses to go on with compiled code that is older than its sources: a deploy must run what the checkout says.
 * @throws Error that names the command to run.
 */
export function refuseStaleBuild(): void {
  if (!isBuildCurrent()) throw new Error("dist/ was not built from these sources: run `npm run build` and try again.");
}

if (require.main === module) {
  if (process.argv[2] === "write") writeFileSync(stampFile, digest());
  else if (!isBuildCurrent()) process.exitCode = 1;
}
