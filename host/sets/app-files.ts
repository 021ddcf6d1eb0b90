import type { DataDirectory } from "../data/inputs";
import { dataPaths, isWhole } from "../data/layout";
import type { Entry } from "../file-set/inputs";
import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";

interface App {
  readonly name: string;
  /** User id that owns the app's data. */
  readonly uid: number;
  readonly data: readonly DataDirectory[];
  /** Id of its data. Empty for an app of an earlier version of this program. */
  readonly identity: string;
}

const directory = (mode: string, owner = "root:root", ownership: "enforced" | "at-creation" = "enforced"): Entry => ({
  kind: "directory",
  mode,
  owner,
  ownership,
});

/**
 * The directories of the data. If the app owns `data`, no entry is below it: the app can replace any path there with a link
 * (docs/decisions/0031). Otherwise `data` belongs to root, and the container has no path to it.
 */
function dataTree({ name, uid, data }: App): Record<string, Entry> {
  const root = `/opt/${name}/data`;
  // An existing directory keeps its owner: the update does not silently undo a change by an operator.
  const ofApp = directory("0750", `${uid}:${uid}`, "at-creation");
  if (data.length === 0) return {};
  if (isWhole(data)) return { [root]: ofApp };
  return { [root]: directory("0755"), ...Object.fromEntries(dataPaths(name, data).map((path) => [path, ofApp])) };
}

/** The app's directories (docs/data-model.md section 3), and those for its releases and deployment records. */
function directoryTree(app: App): Record<string, Entry> {
  const { name } = app;
  return {
    [`/opt/${name}`]: directory("0755"),
    ...dataTree(app),
    [`/opt/${name}/config`]: directory("0755"),
    [`/opt/${name}/config/releases`]: directory("0755"),
    [`/opt/${name}/backups`]: directory("0700"),
    [`/opt/${name}/backups/staging`]: directory("0700"),
    [`/opt/${name}/logs`]: directory("0755"),
    [`/opt/${name}/logs/app`]: directory("0755"),
    [`/var/lib/${name}`]: directory("0755"),
    [`/var/lib/${name}/releases`]: directory("0755"),
    [`/var/lib/${name}/deployments`]: directory("0755"),
  };
}

/** The app's directories, the units that carry its releases, and the automatic revert of an unconfirmed cutover. */
export function appFilesSet(app: App): FileSetSpec {
  const { name, data, identity } = app;
  const entries = {
    ...directoryTree(app),
    [`/usr/local/lib/${name}`]: rootDirectory,
    ...rootfs("releases", { app: name, sandbox }),
  };
  return {
    entries,
    units: { [`${name}-revert.path`]: running },
    validate: [unitSyntax(entries)],
    activate: [
      reloadSystemd,
      ...(identity === "" ? [] : [[`${scriptFolder}/draw-identity`, name, identity]]),
      ...(isWhole(data) ? dataPaths(name, data).map((path) => [`${scriptFolder}/make-as-owner`, path]) : []),
    ],
  };
}
