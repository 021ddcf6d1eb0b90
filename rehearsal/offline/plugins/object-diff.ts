import type { ChangeKind } from "./plugin";
import { Secret, isList, isProperties, type Properties, type Value, sameValue } from "./value";

/** Differences between two objects: every changed leaf by its path, in the words of the engine's own detailed diff. */
export const objectDiff = (old: Properties, now: Properties): Record<string, ChangeKind> =>
  Object.fromEntries(propertyChanges("", old, now));

type Change = readonly [path: string, kind: ChangeKind];

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

const open = (value: Value): Value => (value instanceof Secret ? open(value.value) : value);
