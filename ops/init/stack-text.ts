import { isMap, isScalar, parseDocument, type Document, type Pair } from "yaml";
import { configSchema } from "../../config";
import { keyAt, keysOf } from "../../config/keys";

/** A value of the stack file by its path below the project's namespace. Undefined removes the key. */
export type Setting = readonly [path: readonly string[], value: unknown];

const columns = 110;

/** Text as lines of a comment. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? "";
    if (last.length + word.length >= columns) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}

const schemaKeys = keysOf(configSchema);

/** The pair of a path without a comment, where all its parents are maps. The library gives a first comment to the map. */
function bareAt(document: Document, path: readonly string[]): Pair | undefined {
  const parent = document.getIn(path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const at = parent.items.findIndex(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1));
  return at === 0 && parent.commentBefore ? undefined : parent.items[at];
}

/** Writes the description of a key above it, unless it has a comment already. */
function describe(document: Document, project: string, path: readonly string[]): void {
  const [section = "", ...rest] = path;
  const text = keyAt(schemaKeys, path)?.description;
  const pair = bareAt(document, ["config", `${project}:${section}`, ...rest]);
  if (pair === undefined || text === undefined) return;
  const key = isScalar(pair.key) ? pair.key : document.createNode(pair.key);
  key.commentBefore ??= wrapped(text);
  pair.key = key;
}

const heading = [
  " Written by `ops init`, which can be run again: its answers are here. docs/configuration.md describes every key.",
  " Secrets are encrypted; `pulumi config set --secret <NAME>` changes one. Never set imageTag here.",
].join("\n");

/**
 * The text of a stack file with these settings, each with the description of its key as a comment. Keys and comments of
 * the existing text that no setting names stay, such as the salt of the engine's encryption.
 */
export function stackText(existing: string | undefined, project: string, settings: readonly Setting[]): string {
  const document: Document = parseDocument(existing ?? "config: {}\n");
  document.commentBefore ??= heading;
  const config = document.get("config");
  if (isMap(config)) config.flow = false;
  for (const [[section = "", ...rest], value] of settings) {
    const path = ["config", `${project}:${section}`, ...rest];
    if (value !== undefined) document.setIn(path, document.createNode(value));
    else if (document.hasIn(path)) document.deleteIn(path);
  }
  for (const [path] of settings) for (const depth of path.keys()) describe(document, project, path.slice(0, depth + 1));
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
