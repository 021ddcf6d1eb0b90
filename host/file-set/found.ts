import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Entry, FileSetState, UnitState } from "./inputs";

/** What `file-set/read.sh` says of one path or unit: the fields of one line. */
type Fields = readonly string[];

const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8");

const hashLine = (sha256: string): string => `sha256:${sha256}\n`;

/** The owner in the form it was asked for, by names or by numbers, so that two words for one user are no difference. */
const ownerLike = (desired: Entry | undefined, names: string, ids: string): string =>
  (desired && "owner" in desired && desired.owner === ids) || names.includes("UNKNOWN") ? ids : names;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a JSON file that the set asked for: the desired text itself if the file has all its keys and values. */
function mergedContent(desired: string, found: string): string {
  const [wanted, actual] = [jsonOf(desired), jsonOf(found)];
  if (wanted === undefined || actual === undefined) return found;
  const ours = Object.keys(wanted).filter((key) => key in actual);
  const part = Object.fromEntries(ours.map((key) => [key, actual[key]]));
  return isDeepStrictEqual(part, wanted) ? desired : `${JSON.stringify(part, undefined, 2)}\n`;
}

/** A file the set did not ask for may hold anything: only its hash is told. */
function contentFor(desired: Entry | undefined, base64: string): string {
  if (desired?.kind === "file" && desired.merge === "json") return mergedContent(desired.content, decode(base64));
  if (desired?.kind === "file") return decode(base64);
  return hashLine(createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex"));
}

function directoryFor(desired: Entry | undefined, mode: string, owner: string): Entry {
  if (desired?.kind === "directory" && desired.ownership === "at-creation") return desired;
  return { kind: "directory", mode, owner, ownership: "enforced" };
}

const mergeOf = (desired: Entry | undefined): { readonly merge?: "json" } =>
  desired?.kind === "file" && desired.merge !== undefined ? { merge: desired.merge } : {};

function foundEntry(
  desired: Entry | undefined,
  [kind = "", , rawMode = "", names = "", ids = "", rest = ""]: Fields,
): Entry {
  const mode = rawMode.padStart(4, "0");
  const owner = ownerLike(desired, names, ids);
  switch (kind) {
    case "file":
      return { kind, content: contentFor(desired, rest), mode, owner, ...mergeOf(desired) };
    case "large-file":
      return { kind: "file", content: hashLine(rest), mode, owner };
    case "directory":
      return directoryFor(desired, mode, owner);
    case "link":
      return { kind, target: rest };
    case "absent":
      return { kind };
    default:
      return { kind: "file", content: "(neither file, directory nor link)\n", mode, owner };
  }
}

const unitState = ([, , enabled, active]: Fields): UnitState => ({
  enabled: enabled === "true",
  active: active === "true",
});

/**
 * A set as the host shows it, from the lines of `file-set/read.sh`. A missing entry is `absent`. Of a file larger than
 * 1 MiB, and of one that stands where none was asked for, the content is a hash line.
 * @param desired the entries and commands as they were asked for.
 */
export function parseFound(
  output: string,
  desired: Pick<FileSetState, "entries" | "inForce">,
): Pick<FileSetState, "entries" | "units" | "inForce"> {
  const entries: Record<string, Entry> = {};
  const units: Record<string, UnitState> = {};
  const broken = new Set<string>();
  for (const fields of output
    .split("\n")
    .filter(Boolean)
    .map((text) => text.split("\t"))) {
    const [kind, name = ""] = fields;
    if (kind === "unit") units[name] = unitState(fields);
    else if (kind === "not-in-force") broken.add(name);
    else entries[name] = foundEntry(desired.entries[name], fields);
  }
  return { entries, units, inForce: desired.inForce.filter((_, index) => !broken.has(String(index))) };
}
