import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The checkout's root folder, the same from TypeScript sources and from `dist/`. */
export const repositoryRoot = existsSync(join(__dirname, "package.json")) ? __dirname : join(__dirname, "..");

/** The text of a file of this repository, such as a template under `host/`. */
export const readRepositoryFile = (...path: string[]): string => readFileSync(join(repositoryRoot, ...path), "utf8");
