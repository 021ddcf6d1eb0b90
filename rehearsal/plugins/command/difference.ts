import type { ChangeKind, Difference } from "../plugin";
import { Secret, isList, isProperties, sameValue, type Properties, type Value } from "../value";

/** What differs between two sets of inputs: every changed leaf by its path. Only `triggers` as a whole replaces. */
export function difference(inputs: Properties, oldInputs: Properties): Difference {
  const leaves = propertyChanges("", oldInputs, inputs);
  const detailed = Object.fromEntries(
    leaves.map(([path, kind]) => [path, path === "triggers" ? asReplace(kind) : kind]),
  );
  const paths = Object.keys(detailed);
  const diffs = [...new Set(paths.map((path) => path.replace(/[.[].*$/, "")))].sort();
  const replaces = paths.filter((path) => detailed[path]?.endsWith("-replace"));
  return { changed: paths.length > 0, diffs, replaces, detailed };
}

type Change = readonly [path: string, kind: ChangeKind];

function asReplace(kind: ChangeKind): ChangeKind {
  return kind.endsWith("-replace") ? kind : (`${kind}-replace` as ChangeKind);
}

function propertyChanges(path: string, old: Properties, now: Properties): Change[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names.flatMap((name) => changes(path === "" ? name : `${path}.${name}`, old[name], now[name]));
}

function changes(path: string, old: Value | undefined, now: Value | undefined): Change[] {
  if (old === undefined) return now === undefined ? [] : [[path, "add"]];
  if (now === undefined) return [[path, "delete"]];
  if (sameValue(old, now)) return [];
  const before: Value = open(old);
  const after: Value = open(now);
  if (isProperties(before) && isProperties(after)) return propertyChanges(path, before, after);
  if (isList(before) && isList(after)) return listChanges(path, before, after);
  return [[path, "update"]];
}

function listChanges(path: string, old: readonly Value[], now: readonly Value[]): Change[] {
  const longer = old.length > now.length ? old : now;
  return longer.flatMap((_, index) => changes(`${path}[${index}]`, old[index], now[index]));
}

function open(value: Value): Value {
  return value instanceof Secret ? open(value.value) : value;
}
