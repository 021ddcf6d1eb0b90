import { isMap, isScalar, isSeq, parseDocument, type Node } from "yaml";
import { dummyAt } from "./scrub-state";

/** A secret of a stack file, by its path such as `memoryloop-infra:alerts.webhook`. */
interface FoundSecret {
  readonly path: readonly (string | number)[];
  readonly node: Node;
}

const isSecure = (node: unknown): boolean => isMap(node) && node.items.length === 1 && node.has("secure");

function* secretsBelow(node: unknown, path: readonly (string | number)[]): Generator<FoundSecret> {
  if (isSecure(node)) yield { path, node: node as Node };
  else if (isMap(node))
    for (const { key, value } of node.items)
      yield* secretsBelow(value, [...path, isScalar(key) ? String(key.value) : ""]);
  else if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* secretsBelow(item, [...path, index]);
}

const dummyOf = (path: readonly (string | number)[]): string => dummyAt(`config:${path.join(".")}`);

/** A secret's dummy, by the path that `pulumi config set --path` takes. */
export interface DummySecret {
  readonly path: string;
  readonly dummy: string;
}

/** A stack file for a preview without secrets. */
export interface DummyStackFile {
  /** The text without its secrets and without the salt of their encryption. */
  readonly text: string;
  /** The values that replace the secrets. */
  readonly secrets: readonly DummySecret[];
}

const pathText = ([first = "", ...rest]: readonly (string | number)[]): string =>
  [String(first), ...rest.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))].join("");

/** The stack file with a dummy for each secret. */
export function dummyStackFile(text: string): DummyStackFile {
  const document = parseDocument(text);
  document.delete("encryptionsalt");
  document.delete("secretsprovider");
  document.delete("encryptedkey");
  const found = [...secretsBelow(document.get("config"), [])];
  for (const { path } of found) document.deleteIn(["config", ...path]);
  return {
    text: document.toString(),
    secrets: found.map(({ path }) => ({ path: pathText(path), dummy: dummyOf(path) })),
  };
}

/** Configuration as the engine gives it to a program. */
export interface ProgramConfig {
  readonly config: Record<string, string>;
  readonly secretKeys: string[];
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The stack file's configuration with a dummy for each secret, as the engine would give it to the program. */
export function dummyConfig(text: string): ProgramConfig {
  const document = parseDocument(text);
  const found = [...secretsBelow(document.get("config"), [])];
  for (const { path } of found) document.setIn(["config", ...path], dummyOf(path));
  const { config = {} } = document.toJS() as { config?: Record<string, unknown> };
  return {
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, textOf(value)])),
    secretKeys: [...new Set(found.map(({ path }) => String(path[0])))],
  };
}
