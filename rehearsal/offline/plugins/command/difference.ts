import { objectDiff } from "../object-diff";
import type { ChangeKind, Difference } from "../plugin";
import type { Properties } from "../value";

/** Differences between two sets of inputs. Only `triggers` as a whole replaces. */
export function difference(inputs: Properties, oldInputs: Properties): Difference {
  const leaves = Object.entries(objectDiff(oldInputs, inputs));
  const detailed = Object.fromEntries(
    leaves.map(([path, kind]) => [path, path === "triggers" ? asReplace(kind) : kind]),
  );
  const paths = Object.keys(detailed);
  const diffs = [...new Set(paths.map((path) => path.replace(/[.[].*$/, "")))].sort();
  const replaces = paths.filter((path) => detailed[path]?.endsWith("-replace"));
  return { changed: paths.length > 0, diffs, replaces, detailed };
}

const asReplace = (kind: ChangeKind): ChangeKind =>
  kind.endsWith("-replace") ? kind : (`${kind}-replace` as ChangeKind);
