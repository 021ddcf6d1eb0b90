import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../host/sha256";
import type { Connection } from "../host/connection";
import type { DataDirectory } from "../host/data/inputs";
import { installPackages, installPackagesScript, readMachineId } from "../host/bootstrap/commands";
import type { Sharing } from "../host/file-set/inputs";
import { appFilesSet } from "../host/sets/app-files";
import { clusterTaskSet } from "../host/sets/cluster-task";
import { dockerSet, swarmDockerSet } from "../host/sets/docker";
import type { FileSetSpec } from "../host/sets/file-set-spec";
import { firewallSet, type FirewallSettings } from "../host/sets/firewall";
import { logsSet } from "../host/sets/logs";
import { scriptsSet } from "../host/sets/scripts";
import { sshdSet } from "../host/sets/sshd";
import { upkeepSet } from "../host/sets/upkeep";
import { userError } from "./user-error";
import { commandConnection } from "./command-connection";
import { FileSet } from "./resources/file-set";

export interface HostArgs {
  readonly connection: Connection;
  /** Name and user id of the app whose directories are on the server. */
  readonly app: { readonly name: string; readonly uid: number };
  readonly data: readonly DataDirectory[];
  /** Id of the data of an app that the server does not have yet. */
  readonly identity: string;
  /** Docker on the VPS. */
  readonly docker: docker.Provider;
  /** Whether other apps must agree on the files that all apps of the server share. */
  readonly sharing: Sharing;
  readonly firewall: FirewallSettings;
  /** Whether the server is one of several. @default false */
  readonly isInCluster?: boolean;
}

/** The version that the installation printed last: the proof that it ran to its end. */
function nginxVersionIn(printed: string): string {
  const version = /(?:^|\n)(\d+\.\d+\.\d+)\s*$/.exec(printed)?.[1];
  if (version !== undefined) return version;
  throw userError(
    `the installation of packages did not print the version of nginx, but: ${printed.trim() || "nothing"}\n  next: on the server, check: nginx -v, and the login shell: getent passwd`,
  );
}

/** The server: its connection, its packages, the app's directories and the units of the app's releases. */
export class Host extends pulumi.ComponentResource {
  readonly connection: Connection;
  private readonly app: string;
  private readonly sharing: Sharing;
  /** Docker on the VPS. */
  readonly docker: docker.Provider;
  /** Id of the server. A new server has another id, even at the same address. A new host key does not change the id. */
  readonly machineId: pulumi.Output<string>;
  /** Version of the server's nginx, such as "1.22.1". */
  readonly nginxVersion: pulumi.Output<string>;
  /** The resources that everything else on the server depends on: packages, directories and units. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Host", name, {}, opts);
    this.connection = args.connection;
    this.app = args.app.name;
    this.sharing = args.sharing;
    this.machineId = this.readMachineId(name);
    const packages = this.installPackages(name);
    this.nginxVersion = packages.stdout.apply(nginxVersionIn);
    this.docker = args.docker;
    const scripts = this.set(`${name}-scripts`, scriptsSet(), packages);
    const appFiles = this.set(
      `${name}-files`,
      appFilesSet({ ...args.app, data: args.data, identity: args.identity }),
      scripts,
    );
    this.ready = [packages, appFiles, ...this.configured(name, args, scripts)];
    this.registerOutputs({});
  }

  private readMachineId(name: string): pulumi.Output<string> {
    return this.command(`${name}-machine-id`, readMachineId, []).stdout;
  }

  private installPackages(name: string): command.remote.Command {
    const hash = sha256(installPackagesScript());
    return this.command(`${name}-packages`, installPackages(this.connection), [hash]);
  }

  private command(name: string, create: string, triggers: readonly string[]): command.remote.Command {
    const { host, hostKey } = this.connection;
    return new command.remote.Command(
      name,
      {
        connection: commandConnection(this.connection),
        create,
        // It runs again on a new server with the same name.
        triggers: [...triggers, host, hostKey],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, deleteBeforeReplace: false },
    );
  }

  private set(name: string, spec: FileSetSpec, dependsOn: pulumi.Resource): FileSet {
    const shared = spec.sharing && { sharing: this.sharing };
    return new FileSet(
      name,
      { connection: this.connection, app: this.app, ...spec, ...shared },
      { parent: this, dependsOn },
    );
  }

  private configured(name: string, { app, firewall, isInCluster }: HostArgs, scripts: pulumi.Resource): FileSet[] {
    const { connection } = this;
    return [
      this.set(`${name}-docker-daemon`, isInCluster ? swarmDockerSet() : dockerSet(), scripts),
      this.set(`${name}-firewall`, firewallSet(connection, firewall), scripts),
      this.set(`${name}-sshd`, sshdSet(connection), scripts),
      this.set(`${name}-upkeep`, upkeepSet(), scripts),
      this.set(`${name}-app-logs`, logsSet(app.name), scripts),
      ...(isInCluster ? [this.set(`${name}-cluster-task`, clusterTaskSet(app.name), scripts)] : []),
    ];
  }
}
