import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../host/connection";
import type { Sharing } from "../host/file-set/inputs";
import type { TlsPolicy } from "../host/nginx/configuration";
import type { ClusterPlace } from "../host/nginx/peers";
import { nginxSet } from "../host/sets/nginx";
import { FileSet } from "./resources/file-set";

export interface NginxArgs {
  readonly connection: pulumi.Input<Connection>;
  readonly app: { readonly name: string };
  /** Whether other apps must agree on nginx's files. */
  readonly sharing: Sharing;
  /** One choice for the whole server: TLS agrees on the protocol before it knows the name of the site. */
  readonly site: { readonly tls: TlsPolicy };
  /** The server's place in a cluster; undefined for one server. */
  readonly place?: ClusterPlace | undefined;
}

/** nginx, answering on port 80. Its files name no app, so that the stacks of several apps can hold the same ones. */
export class Nginx extends pulumi.ComponentResource {
  readonly files: FileSet;

  constructor(name: string, args: NginxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Nginx", name, {}, opts);
    const { connection, app, sharing, site, place } = args;
    this.files = new FileSet(
      `${name}-files`,
      // The set keeps the name that it had as a part of SiteCertificate: another name would be another set.
      {
        connection,
        app: app.name,
        ...nginxSet(site.tls, place),
        sharing,
        set: `${pulumi.getProject()}.${pulumi.getStack()}.certificate-nginx`,
      },
      { parent: this, aliases: name === "nginx" ? [formerUrn()] : [] },
    );
    this.registerOutputs({});
  }
}

/** Stacks deployed before November 2026 have these files as a part of the component SiteCertificate. */
const formerUrn = (): string =>
  `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::vps:components:SiteCertificate$vps:index:FileSet::certificate-nginx`;
