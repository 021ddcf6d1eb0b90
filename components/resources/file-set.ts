import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

/** Desired state of a path. `mode` is four octal digits, `owner` is `user:group` by names or by numbers. */
export type Entry =
  | { kind: "file"; content: pulumi.Input<string>; mode?: string; owner?: string }
  | {
      kind: "directory";
      mode?: string;
      owner?: string;
      /**
       * Whether a changed mode or owner is put right, or left to the app once the directory has been made.
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
  /** systemd units, by full name, and how they are. */
  units?: pulumi.Input<Record<string, { enabled: boolean; active: boolean }>>;
  /**
   * Commands that must succeed before anything changes, such as `["nginx", "-t"]`. They see the new files over the live
   * `/etc` (removed ones are gone), and nobody else does.
   */
  validate?: pulumi.Input<string[][]>;
  /** Commands to run after a change, such as `["systemctl", "daemon-reload"]`. They do not run when nothing changed. */
  activate?: pulumi.Input<string[][]>;
  /**
   * Commands that succeed as long as the host does what the files say, such as a comparison of the loaded firewall with
   * its file. One that fails is drift: it shows in a refresh, and the next update activates again.
   */
  inForce?: pulumi.Input<string[][]>;
  /**
   * Name of the set on the host; another name is another set.
   * @default project, stack and the resource's name, so that the stacks of several apps can share a host
   */
  set?: pulumi.Input<string>;
}

/**
 * Files, directories, links and units of a host, changed together: when anything fails, all is as before and the error
 * carries the validator's words. The former content of a path comes back when the path leaves the set or the set is
 * deleted. A directory is only ever removed when it is empty. Sets may hold the same path, when they agree on it.
 */
export class FileSet extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:FileSet";

  /** Name of the set on its host. */
  declare readonly set: pulumi.Output<string>;
  /** Desired state of each path. */
  declare readonly entries: pulumi.Output<Record<string, Entry>>;

  constructor(name: string, args: FileSetArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      FileSet.__pulumiType,
      name,
      { ...args, set: args.set ?? `${pulumi.getProject()}.${pulumi.getStack()}.${name}` },
      opts,
    );
  }
}
