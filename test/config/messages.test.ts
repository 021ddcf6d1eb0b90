// Breaks every key of the configuration, one at a time, and does what the message says. The result must be a correct key.
import { describe, expect, test } from "vitest";
import { configSchema, onceKeys, parseConfig } from "../../config";
import { keysOf, pathText, type Key } from "../../config/keys";

type Path = readonly (string | number)[];

const base: Readonly<Record<string, unknown>> = {
  app: { name: "notes", domain: "notes.example.com" },
  host: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAAC3Nz" },
  image: { repository: "ghcr.io/owner/notes" },
  certificate: { email: "ops@example.com" },
  REGISTRY_TOKEN: "token",
};

/** The stack without the keys that exclude this one. */
const baseFor = (path: Path): Readonly<Record<string, unknown>> =>
  path[1] === "domains" ? { ...base, app: { name: "notes" } } : base;

/** A name for each part of a path that any name can have. */
const anyName: Readonly<Record<string, string>> = {
  "app.writable": "/cache",
  "site.access.users": "reader",
  variables: "NAME",
};

/** The keys of the schema with a value of their own, and of each list and each table one element. */
function leaves(key: Key, path: Path = []): Path[] {
  const below = [
    ...Object.entries(key.properties ?? {}).flatMap(([name, child]) => leaves(child, [...path, name])),
    ...(key.items ? leaves(key.items, [...path, 0]) : []),
    ...(key.additionalProperties && !key.properties
      ? leaves(key.additionalProperties, [...path, anyName[path.join(".")] ?? "name"])
      : []),
  ];
  return key.properties === undefined ? [path, ...below] : below;
}

/** The sections of the schema: keys that have keys of their own. */
function sectionsIn(key: Key, path: Path = []): Path[] {
  const children: (readonly [string | number, Key])[] = [
    ...Object.entries(key.properties ?? {}),
    ...(key.items ? [[0, key.items] as const] : []),
    ...(key.additionalProperties && !key.properties
      ? [[anyName[path.join(".")] ?? "name", key.additionalProperties] as const]
      : []),
  ];
  return [
    ...(key.properties ? [path] : []),
    ...children.flatMap(([name, child]) => sectionsIn(child, [...path, name])),
  ];
}

function withValue(value: unknown, [step, ...rest]: Path, wanted: unknown): unknown {
  if (step === undefined) return wanted;
  if (typeof step === "number") return [withValue(Array.isArray(value) ? value[step] : undefined, rest, wanted)];
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...object, [step]: withValue(object[step], rest, wanted) };
}

function report(values: unknown): string {
  const texts = Object.fromEntries(
    Object.entries(values as object).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  try {
    parseConfig({ get: (key) => texts[key], isSecret: () => true, keys: Object.keys(texts) }, "test");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** The `try:` of the problem of a key; undefined when the report has no problem of it. */
function remedyOf(message: string, key: string): string | undefined {
  const lines = message.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`  ${key}: `));
  return at === -1 ? undefined : lines[at + 1]?.replace(/^ {4}try: /, "");
}

/** A value as `pulumi config set --path` reads it. */
function typed(word: string): unknown {
  const text = word.replace(/^'(.*)'$/, "$1");
  return /^(true|false|-?\d+(\.\d+)?)$/.test(text) ? JSON.parse(text) : text;
}

const stepsOf = (text: string): Path =>
  [...text.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, name, index, plain]) =>
    index === undefined ? (name ?? plain ?? "") : Number(index),
  );

/** The configuration after a command of a `try:`. */
function after(values: unknown, command: string): unknown {
  const [, verb, quoted = "", word = ""] =
    /^pulumi config (set|rm) (?:--secret )?(?:--path )?('[^']*'|\S+) ?(.*)$/.exec(command) ?? [];
  expect(verb, command).toBeDefined();
  // The value of a variable is the app's own.
  expect(word.replace("<text>", "text"), command).not.toMatch(/^</);
  return withValue(values, stepsOf(quoted.replace(/^'(.*)'$/, "$1")), verb === "rm" ? undefined : typed(word));
}

/** Values that a command of the shell prints. */
const isLookedUp = (remedy: string): boolean => /"\$\(/.test(remedy);

const root = keysOf(configSchema);
const isOnce = ([first]: Path): boolean => onceKeys.includes(String(first));
const all = leaves(root)
  .filter((path) => !isOnce(path))
  .map((path) => [pathText(path), path] as const);

describe.each([
  ["a section", { no: "sense" }],
  ["a text", "no sense?"],
  ["a number", -1.5],
])("%s where it does not belong", (_, wrong) => {
  test.each(all)("%s: the `try:` sets a correct value", (key, path) => {
    const values = withValue(baseFor(path), path, wrong);
    const remedy = remedyOf(report(values), key);
    if (remedy === undefined || isLookedUp(remedy)) return;
    const corrected = remedy.split("; ").reduce(after, values);
    expect(remedyOf(report(corrected), key), remedy).toBeUndefined();
  });
});

test.each(all)("%s has a `try:` for a malformed value", (key, path) => {
  const message = report(withValue(baseFor(path), path, { no: { sense: true } }));
  expect(message).toMatch(/ {4}try: pulumi config (set|rm) /);
  expect(message).toContain(`  ${key}`);
});

describe("a mistyped key", () => {
  test.each(
    sectionsIn(root)
      .filter((path) => path.length > 0)
      .map((path) => [pathText(path), path] as const),
  )("in %s lists the valid keys", (key, path) => {
    const known = Object.keys(
      path.reduce<Key | undefined>(
        (found, step) =>
          typeof step === "number" ? found?.items : (found?.properties?.[step] ?? found?.additionalProperties),
        root,
      )?.properties ?? {},
    );
    const message = report(withValue(base, [...path, "typo"], 1));
    expect(message).toContain(
      `  ${key}.typo: unknown; ${key} has ${known.join(", ")}\n    try: pulumi config rm --path '${key}.typo'`,
    );
  });
});
