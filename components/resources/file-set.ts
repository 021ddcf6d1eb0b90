import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";
import type { Sharing } from "../../host/file-set/inputs";
import { ownerName } from "../../host/file-set/owner";

/** Desired state of a path. `mode` is four octal digits, `owner` is `user:group` by names or by numbers. */
export type Entry =
  | {
      kind: "file";
      content: pulumi.Input<string>;
      mode?: string;
      owner?: string;
      /** `json`: the content is a JSON object, and other keys of the server's file stay. */
      merge?: "json" | undefined;
    }
  | {
      kind: "directory";
      mode?: string;
      owner?: string;
      /**
       * Whether drift of mode or owner is repaired ("enforced"), or left to the app after the directory was created.
       * @default "enforced"
       */
      ownership?: "enforced" | "at-creation";
    }
  | { kind: "link"; target: string }
  | { kind: "absent" };

export interface FileSetArgs {
  connection: pulumi.Input<Connection>;
  /** Desired state of each absolute path. The parent directory must exist or be an entry. */
  entries: pulumi.Input<Record<string, pulumi.Input<Entry>>>;
  /** Desired state of systemd units, by full name. */
  units?: pulumi.Input<Record<string, { enabled: boolean; active: boolean }>>;
  /**
   * Commands that must succeed before anything changes, such as `["nginx", "-t"]`. They see the new files in place of the
   * present ones in `/etc`, without the removed files. Other processes do not see them.
   */
  validate?: pulumi.Input<string[][]>;
  /** Commands to run after a change, such as `["systemctl", "daemon-reload"]`. They do not run when nothing changed. */
  activate?: pulumi.Input<string[][]>;
  /**
   * Commands that succeed while the files are in force, such as a comparison of the loaded firewall with its file. A
   * failure is drift: a refresh shows it, and the next update activates the files again.
   */
  inForce?: pulumi.Input<string[][]>;
  /** Name of the app that the set belongs to. With project and stack it is the set's owner. */
  app: string;
  /**
   * Whether the sets of other owners may hold the same paths: `no`, `equal` (with equal content), `any` (this set wins).
   * @default "no"
   */
  sharing?: pulumi.Input<Sharing>;
  /**
   * Name of the set among those of its owner; another name is another set.
   * @default project, stack and the resource's name
   */
  set?: pulumi.Input<string>;
}

/**
 * Files, directories, links and units of a host, changed together: when anything fails, all is as before and the error
 * carries the validator's words. The former content of a path comes back when the path leaves the set or the set is
 * deleted. A directory is only ever removed when it is empty. Sets of one owner may hold the same path. A path of another
 * owner is refused, unless both share it and agree on it.
 */
export class FileSet extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:FileSet";

  /** Name of the set on its server. */
  declare readonly set: pulumi.Output<string>;
  /** Desired state of each path. */
  declare readonly entries: pulumi.Output<Record<string, Entry>>;

  constructor(name: string, { app, ...args }: FileSetArgs, opts?: pulumi.CustomResourceOptions) {
    const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
    const owner = ownerName({ project, stack, app });
    super(FileSet.__pulumiType, name, { ...args, owner, set: args.set ?? `${project}.${stack}.${name}` }, opts);
  }
}
