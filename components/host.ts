import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../provider/connection";
import { commandLine } from "../provider/ssh/quote";
import { readRepositoryFile } from "../repository";
import { FileSet, type Entry } from "../resources/file-set";
import { appLogs, dockerDaemon, firewall, hostScripts, sshDaemon, unitSyntax, upkeep, type HostSet } from "./hardening";
import type { HostService } from "./host-service";
import { releaseFiles, releaseUnits } from "./release-files";

export interface HostArgs {
  readonly connection: Connection;
  /** Name and user id of the app whose directory tree the host carries. */
  readonly app: { readonly name: string; readonly uid: number };
  /** Docker on the VPS. */
  readonly docker: docker.Provider;
  /** A service of the host that the app's containers may use. @default none */
  readonly service?: HostService | undefined;
}

/** The VPS directory structure of data-model.md section 3, and where releases keep their sockets and records. */
export function directoryTree({ name, uid }: HostArgs["app"]): Record<string, Entry> {
  const directory = (mode: string, owner = "root:root", ownership: "enforced" | "at-creation" = "enforced"): Entry => ({
    kind: "directory",
    mode,
    owner,
    ownership,
  });
  const app = `${uid}:${uid}`;
  return {
    [`/opt/${name}`]: directory("0755"),
    // The app owns its data. A tree that is there keeps its owner: a restore or another uid is not undone silently.
    [`/opt/${name}/data`]: directory("0750", app, "at-creation"),
    [`/opt/${name}/data/lancedb`]: directory("0750", app, "at-creation"),
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

/** The VPS: how it is reached, its packages, the app's directory tree and the units that carry its releases. */
export class Host extends pulumi.ComponentResource {
  readonly connection: Connection;
  /** Docker on the VPS. */
  readonly docker: docker.Provider;
  /** Which machine it is: a new VPS has another id, also at the same address; the same one with a new host key has not. */
  readonly machineId: pulumi.Output<string>;
  /** Version of the host's nginx, such as "1.22.1". */
  readonly nginxVersion: pulumi.Output<string>;
  /** What everything on the host waits for: packages, directories and units are there. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Host", name, {}, opts);
    this.connection = args.connection;
    this.machineId = this.readMachineId(name);
    const packages = this.installPackages(name);
    this.nginxVersion = packages.stdout.apply((printed) => printed.trim());
    this.docker = args.docker;
    const scripts = this.set(`${name}-scripts`, hostScripts(), packages);
    this.ready = [packages, this.files(name, args, scripts), ...this.hardened(name, args, scripts)];
    this.registerOutputs({});
  }

  private readMachineId(name: string): pulumi.Output<string> {
    return this.command(`${name}-machine-id`, "cat /etc/machine-id", []).stdout;
  }

  private installPackages(name: string): command.remote.Command {
    const script = readRepositoryFile("host", "bootstrap", "install-packages.sh");
    const sudo = this.connection.user === "root" ? [] : ["sudo", "-n"];
    const hash = createHash("sha256").update(script).digest("hex");
    return this.command(`${name}-packages`, commandLine([...sudo, "bash", "-c", script]), [hash]);
  }

  private command(name: string, create: string, triggers: readonly string[]): command.remote.Command {
    const { host, port, user, hostKey } = this.connection;
    return new command.remote.Command(
      name,
      {
        connection: { host, port, user, hostKey },
        create,
        // It runs again on a new VPS behind the same name.
        triggers: [...triggers, host, hostKey],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, deleteBeforeReplace: false },
    );
  }

  private set(name: string, args: HostSet, dependsOn: pulumi.Resource): FileSet {
    return new FileSet(name, { connection: this.connection, ...args }, { parent: this, dependsOn });
  }

  private files(name: string, { app }: HostArgs, scripts: pulumi.Resource): FileSet {
    const entries = { ...directoryTree(app), ...releaseFiles(app.name) };
    const units = releaseUnits(app.name);
    const validate = [unitSyntax(entries)];
    return this.set(`${name}-files`, { entries, units, validate, activate: [["systemctl", "daemon-reload"]] }, scripts);
  }

  private hardened(name: string, { app, service }: HostArgs, scripts: pulumi.Resource): FileSet[] {
    const { connection } = this;
    return [
      this.set(`${name}-docker-daemon`, dockerDaemon(), scripts),
      this.set(`${name}-firewall`, firewall(app.name, connection, service), scripts),
      this.set(`${name}-sshd`, sshDaemon(connection), scripts),
      this.set(`${name}-upkeep`, upkeep(), scripts),
      this.set(`${name}-app-logs`, appLogs(app.name), scripts),
    ];
  }
}
