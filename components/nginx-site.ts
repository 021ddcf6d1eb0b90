import * as pulumi from "@pulumi/pulumi";
import { siteConfiguration, type SiteSettings } from "../host/nginx/configuration";
import type { ContentSecurityPolicyMode } from "../host/nginx/content-security-policy";
import type { Connection } from "../provider/connection";
import { reloadNginx, servedAsOnDisk } from "./hardening";
import { FileSet, type Entry } from "../resources/file-set";

export interface NginxSiteArgs {
  readonly connection: pulumi.Input<Connection>;
  readonly app: {
    readonly name: string;
    readonly domain: string;
    /** Largest request body, in nginx's notation; a larger one gets a 413. @default "100m" */
    readonly uploadLimit?: string;
  };
  /** Path of the health endpoint. @default "/api/health" */
  readonly healthPath?: string;
  /** Who says which scripts may run in a page. @default "static" */
  readonly contentSecurityPolicy?: ContentSecurityPolicyMode;
  /** Origins beside its own that a page may fetch from, such as an error collector. @default none */
  readonly connectSources?: readonly string[];
  /** Whether the certificate names an OCSP responder. @default false: Let's Encrypt's name none since August 2025 */
  readonly staples?: pulumi.Input<boolean>;
  /** Version of the host's nginx, which decides how HTTP/2 is switched on. @default "1.22.1", Debian 12's */
  readonly nginxVersion?: pulumi.Input<string>;
}

/** The files of one site: its server blocks, the link that enables them, and the way to its certificates. */
export function siteEntries(settings: SiteSettings): Record<string, Entry> {
  const { app, certificate } = settings;
  return {
    [`/etc/nginx/sites-available/${app}.conf`]: {
      kind: "file",
      content: siteConfiguration(settings),
      mode: "0644",
      owner: "root:root",
    },
    [`/etc/nginx/sites-enabled/${app}.conf`]: { kind: "link", target: `../sites-available/${app}.conf` },
    [`/opt/${app}/certs`]: { kind: "link", target: `/etc/letsencrypt/live/${certificate}` },
  };
}

/** The app's site, over https only. It needs the site's certificate and what `SiteCertificate` shares out. */
export class NginxSite extends pulumi.ComponentResource {
  /** Known once the site is served. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: NginxSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:NginxSite", name, {}, opts);
    const { connection, app, nginxVersion = "1.22.1", staples = false } = args;
    const settings = {
      app: app.name,
      domain: app.domain,
      certificate: app.domain,
      uploadLimit: app.uploadLimit ?? "100m",
      healthPath: args.healthPath ?? "/api/health",
      contentSecurityPolicy: args.contentSecurityPolicy ?? "static",
      connectSources: args.connectSources ?? [],
    };
    const files = new FileSet(
      `${name}-files`,
      {
        connection,
        entries: pulumi.output({ nginxVersion, staples }).apply((found) => siteEntries({ ...settings, ...found })),
        validate: [["nginx", "-t"]],
        activate: [reloadNginx],
        inForce: [servedAsOnDisk(app.domain)],
      },
      { parent: this },
    );
    this.ready = files.urn;
    this.registerOutputs({});
  }
}
