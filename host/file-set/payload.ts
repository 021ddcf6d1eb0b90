import { commandLine } from "../ssh/quote";
import type { Entry, FileSetInputs } from "./inputs";

const line = (...fields: readonly string[]): string => `${fields.join("\t")}\n`;

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

function entryLine(path: string, entry: Entry): string {
  switch (entry.kind) {
    case "file":
      return line(entry.merge === "json" ? "json-file" : "file", path, entry.mode, entry.owner, base64(entry.content));
    case "directory":
      return line(entry.ownership === "enforced" ? "directory" : "new-directory", path, entry.mode, entry.owner);
    case "link":
      return line("link", path, "-", "-", entry.target);
    case "absent":
      return line("absent", path);
    default:
      return entry satisfies never;
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** The lines of a set's paths and units, in their order, by the names that a server records for them. */
export const stateLines = ({ entries, units }: Pick<FileSetInputs, "entries" | "units">): Record<string, string> =>
  Object.fromEntries([
    ...Object.entries(entries)
      .sort(byName)
      .map(([path, entry]) => [`path ${path}`, entryLine(path, entry)] as const),
    ...Object.entries(units)
      .sort(byName)
      .map(
        ([unit, { enabled, active }]) => [`unit ${unit}`, line("unit", unit, String(enabled), String(active))] as const,
      ),
  ]);

/** The names that a server records for the paths and units of a set. */
export const heldLines = (set: Pick<FileSetInputs, "entries" | "units">): string[] => Object.keys(stateLines(set));

/**
 * What `file-set/apply.sh` reads: one line a fact, fields parted by tabs, content in base64, a folder before what is in
 * it. Commands are shell command lines.
 * @param former the held lines of the state, which the set takes from a set without an owner.
 */
export const renderPayload = (
  { sharing, entries, units, validate, activate, inForce }: Omit<FileSetInputs, "connection" | "set" | "owner">,
  former: readonly string[] = [],
): string =>
  [
    ...(sharing === "no" ? [] : [line("sharing", sharing)]),
    ...former.map((held) => line("adopt", held)),
    ...Object.values(stateLines({ entries, units })),
    ...validate.map((words) => line("validate", commandLine(words))),
    ...activate.map((words) => line("activate", commandLine(words))),
    ...inForce.map((words) => line("in-force", commandLine(words))),
  ].join("");

/** What `file-set/read.sh` reads: the paths and units to tell about, and what to try. */
export const renderQuestion = ({
  entries,
  units,
  inForce,
}: Pick<FileSetInputs, "entries" | "units" | "inForce">): string =>
  [
    ...Object.keys(entries).map((path) => line("path", path)),
    ...Object.keys(units).map((unit) => line("unit", unit)),
    ...inForce.map((words, index) => line("in-force", String(index), commandLine(words))),
  ].join("");
