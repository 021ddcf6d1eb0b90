import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../host/connection";
import type { SiteSettings } from "../host/nginx/configuration";
import { siteCommands, siteEntries } from "../host/sets/site";
import { FileSet } from "./resources/file-set";

export interface NginxSiteArgs extends Pick<
  SiteSettings,
  "contentSecurityPolicy" | "connectSources" | "connectionsPerAddress" | "healthPath"
> {
  readonly connection: pulumi.Input<Connection>;
  readonly app: {
    readonly name: string;
    readonly domain: string;
    /** Largest request body, in nginx's notation. A larger one is answered with 413. */
    readonly uploadLimit: string;
  };
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
    const { connection, app, nginxVersion, staples, ...policy } = args;
    const { name: appName, domain, uploadLimit } = app;
    const settings = { ...policy, app: appName, domain, certificate: domain, uploadLimit };
    this.files = new FileSet(
      `${name}-files`,
      {
        connection,
        app: appName,
        entries: pulumi.output({ nginxVersion, staples }).apply((found) => siteEntries({ ...settings, ...found })),
        ...siteCommands(domain),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
