import type { Entry, FileSet } from "./kinds";
import { placeOf, type Format, type Place } from "./server-paths";
import type { StackSettings } from "./stack-settings";

type FileEntry = Extract<Entry, { kind: "file" }>;

/** The entries of a set, by path. Their contents are not read yet, so an unknown content does no harm. */
export const entriesOf = ({ entries }: FileSet): [path: string, entry: Entry][] =>
  Object.keys(entries).flatMap((path) => {
    const entry = entries[path];
    return entry ? [[path, entry]] : [];
  });

/** The entries of a set with their places. Entries without a place are left out; the rule `file-path` reports them. */
export const placedEntries = (
  set: FileSet,
  stack: StackSettings | undefined,
): { readonly path: string; readonly entry: Entry; readonly place: Place }[] =>
  entriesOf(set).flatMap(([path, entry]) => {
    const place = placeOf(path, entry, stack);
    return place ? [{ path, entry, place }] : [];
  });

/** The files of one format in a set. */
export const filesOfFormat = (
  set: FileSet,
  format: Format,
  stack: StackSettings | undefined,
): [path: string, file: FileEntry][] =>
  placedEntries(set, stack).flatMap(({ path, entry, place }) =>
    entry.kind === "file" && place.kind === "file" && place.format === format ? [[path, entry]] : [],
  );
