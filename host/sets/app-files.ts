import type { Entry } from "../file-set/inputs";
import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, unitSyntax, type FileSetSpec } from "./file-set-spec";
import { sandbox } from "./sandbox";

interface App {
  readonly name: string;
  /** User id that owns the app's data. */
  readonly uid: number;
}

const directory = (mode: string, owner = "root:root", ownership: "enforced" | "at-creation" = "enforced"): Entry => ({
  kind: "directory",
  mode,
  owner,
  ownership,
});

/**
 * The app's directories (docs/data-model.md section 3), and those for its releases and deployment records. No entry is
 * below `data`: the app owns it and can replace any path there with a link (docs/decisions/0031).
 */
function directoryTree({ name, uid }: App): Record<string, Entry> {
  const app = `${uid}:${uid}`;
  return {
    [`/opt/${name}`]: directory("0755"),
    // An existing directory keeps its owner: the update does not silently undo a change by an operator.
    [`/opt/${name}/data`]: directory("0750", app, "at-creation"),
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
  const { name } = app;
  const entries = {
    ...directoryTree(app),
    [`/usr/local/lib/${name}`]: rootDirectory,
    ...rootfs("releases", { app: name, sandbox }),
  };
  return {
    entries,
    units: { [`${name}-revert.path`]: running },
    validate: [unitSyntax(entries)],
    activate: [reloadSystemd, [`${scriptFolder}/make-as-owner`, `/opt/${name}/data/lancedb`]],
  };
}
