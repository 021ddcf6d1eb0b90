import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../host/connection";
import { hasUsers, usersFile, usersText } from "../host/nginx/access";
import type { SiteOptions } from "../host/nginx/configuration";
import { siteCommands, siteEntries } from "../host/sets/site";
import { FileSet } from "./resources/file-set";

export interface NginxSiteArgs extends SiteOptions {
  readonly connection: pulumi.Input<Connection>;
  readonly app: {
    readonly name: string;
    /** Names of the site. The first is canonical, and the name of the certificate's lineage. */
    readonly domains: readonly string[];
    /** Largest request body, in nginx's notation. A larger one is answered with 413. */
    readonly uploadLimit: string;
  };
  readonly healthPath: string;
  /** Whether the certificate names an OCSP responder. */
  readonly staples: pulumi.Input<boolean>;
  /** Version of the server's nginx, which decides how HTTP/2 is enabled. */
  readonly nginxVersion: pulumi.Input<string>;
}

/** The app's site, over https only. It needs nginx and the site's certificate. */
export class NginxSite extends pulumi.ComponentResource {
  readonly files: FileSet;

  constructor(name: string, args: NginxSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:NginxSite", name, {}, opts);
    const { connection, app, nginxVersion, staples, ...options } = args;
    const { name: appName, domains, uploadLimit } = app;
    const [certificate = ""] = domains;
    const settings = { ...options, app: appName, domains, certificate, uploadLimit };
    this.files = new FileSet(
      `${name}-files`,
      {
        connection,
        app: appName,
        entries: pulumi.output({ nginxVersion, staples }).apply((found) => siteEntries({ ...settings, ...found })),
        ...siteCommands(certificate),
      },
      { parent: this, dependsOn: this.users(name, args) },
    );
    this.registerOutputs({});
  }

  /** The file with users and hashes, in a set of its own: the engine treats a set with a secret as secret as a whole. */
  private users(name: string, { connection, app, access }: NginxSiteArgs): FileSet[] {
    if (!hasUsers(access)) return [];
    const content = pulumi.secret(usersText(access));
    const entries = {
      // nginx's workers read it at each request.
      [usersFile(app.name)]: { kind: "file" as const, content, mode: "0640", owner: "root:www-data" },
    };
    return [new FileSet(`${name}-users`, { connection, app: app.name, entries }, { parent: this })];
  }
}
