import type { Entry, FileSet } from "./kinds";

export type FileEntry = Extract<Entry, { kind: "file" }>;
type OwnedEntry = Extract<Entry, { kind: "file" | "directory" }>;

const entriesOf = ({ entries }: FileSet): [string, Entry][] =>
  Object.keys(entries).flatMap((path) => {
    const entry = entries[path];
    return entry ? [[path, entry]] : [];
  });

/** The files of a set. Their content is not read yet, so an unknown one does no harm. */
export const filesOf = (set: FileSet): [path: string, file: FileEntry][] =>
  entriesOf(set).flatMap(([path, entry]) => (entry.kind === "file" ? [[path, entry]] : []));

/** What of a set has a mode and an owner. */
export const ownedOf = (set: FileSet): [path: string, entry: OwnedEntry][] =>
  entriesOf(set).flatMap(([path, entry]) =>
    entry.kind === "file" || entry.kind === "directory" ? [[path, entry]] : [],
  );
