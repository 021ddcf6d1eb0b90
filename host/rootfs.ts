import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readRepositoryFile, repositoryRoot } from "../repository";

/** A file as a file set takes it. */
export interface FileEntry {
  readonly kind: "file";
  readonly content: string;
  readonly mode: string;
  readonly owner: string;
}

type Values = Readonly<Record<string, string>>;

const placeholder = /\{\{(\w+)\}\}/g;

const placeholdersIn = (text: string): string[] => [...text.matchAll(placeholder)].map(([, name = ""]) => name);

/**
 * Fills `{{name}}` placeholders.
 * @throws Error that names each placeholder without a value.
 */
export function fillTemplate(text: string, values: Values): string {
  const missing = [...new Set(placeholdersIn(text))].filter((name) => !(name in values));
  if (missing.length > 0) throw new Error(`the template has no value for ${missing.join(", ")}`);
  return text.replaceAll(placeholder, (_, name: string) => values[name] ?? "");
}

/** A root-owned file. A script (its first line is `#!...`) is executable, anything else is not. */
export const rootFile = (content: string): FileEntry => ({
  kind: "file",
  content,
  mode: content.startsWith("#!") ? "0755" : "0644",
  owner: "root:root",
});

/** A root-owned directory that others can read. */
export const rootDirectory = {
  kind: "directory",
  mode: "0755",
  owner: "root:root",
  ownership: "enforced",
} as const;

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
}

/**
 * The files of `rootfs/<set>/` as entries of a file set. The path below that folder is the path on the server, with
 * `{{name}}` placeholders filled in paths and contents.
 * @throws Error when a placeholder has no value, or a value is used nowhere: both are mistakes.
 */
export function rootfs(set: string, values: Values = {}): Record<string, FileEntry> {
  const folder = join(repositoryRoot, "rootfs", set);
  const files = filesBelow(folder)
    .sort()
    .map((path) => ({ path, text: readRepositoryFile("rootfs", set, path) }));
  const used = new Set(files.flatMap(({ path, text }) => placeholdersIn(path + text)));
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`no file of rootfs/${set} uses ${unused.join(", ")}`);
  return Object.fromEntries(
    files.map(({ path, text }) => [fillTemplate(path, values), rootFile(fillTemplate(text, values))]),
  );
}
