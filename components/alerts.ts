import * as pulumi from "@pulumi/pulumi";
import { alertSettings, type AlertsOptions } from "../host/alerts/settings";
import type { Connection } from "../host/connection";
import { alertsSet } from "../host/sets/alerts";
import { FileSet } from "./resources/file-set";

export interface AlertsArgs extends AlertsOptions {
  readonly connection: Connection;
}

/** The alerts that the server sends by itself, once a minute those that are due. */
export class Alerts extends pulumi.ComponentResource {
  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Alerts", name, {}, opts);
    const { connection, app } = args;
    const content = pulumi.secret(alertSettings(args));
    const path = `/opt/${app.name}/config/alerts.json`;
    // A set of its own: the engine treats a set with a secret as secret as a whole.
    const settings = new FileSet(
      `${name}-settings`,
      {
        connection,
        app: app.name,
        entries: { [path]: { kind: "file" as const, content, mode: "0600", owner: "root:root" } },
      },
      { parent: this },
    );
    new FileSet(
      `${name}-job`,
      { connection, app: app.name, ...alertsSet(app.name) },
      { parent: this, dependsOn: settings },
    );
    this.registerOutputs({});
  }
}
