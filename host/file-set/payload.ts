import { commandLine } from "../ssh/quote";
import type { Entry, FileSetInputs } from "./inputs";

const line = (...fields: readonly string[]): string => `${fields.join("\t")}\n`;

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

function entryLine(path: string, entry: Entry): string {
  switch (entry.kind) {
    case "file":
      return line("file", path, entry.mode, entry.owner, base64(entry.content));
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

/**
 * What `file-set/apply.sh` reads: one line a fact, fields parted by tabs, content in base64, a folder before what is in
 * it. Commands are shell command lines.
 */
export const renderPayload = ({
  entries,
  units,
  validate,
  activate,
  inForce,
}: Omit<FileSetInputs, "connection" | "set">): string =>
  [
    ...Object.entries(entries)
      .sort(byName)
      .map(([path, entry]) => entryLine(path, entry)),
    ...Object.entries(units)
      .sort(byName)
      .map(([unit, { enabled, active }]) => line("unit", unit, String(enabled), String(active))),
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
