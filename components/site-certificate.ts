import * as pulumi from "@pulumi/pulumi";
import { webroot } from "../host/nginx/configuration";
import type { Connection } from "../host/connection";
import { Certificate } from "./resources/certificate";

export interface SiteCertificateArgs {
  readonly connection: pulumi.Input<Connection>;
  /** The certificate is for all names of the site. The first is the name of its lineage. */
  readonly app: { readonly domain: string; readonly domains: string[] };
  /** Contact of the ACME account. */
  readonly email: pulumi.Input<string>;
  /** ACME directory. */
  readonly server: pulumi.Input<string>;
}

/** The site's certificate, obtained through nginx on port 80 and renewed by certbot's timer. */
export class SiteCertificate extends pulumi.ComponentResource {
  /** When the certificate expires, in ISO 8601. */
  readonly expiresAt: pulumi.Output<string>;
  /** Whether it names an OCSP responder, so that nginx can staple the responder's answer. */
  readonly namesResponder: pulumi.Output<boolean>;

  constructor(name: string, args: SiteCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:SiteCertificate", name, {}, opts);
    const { connection, app, email, server } = args;
    const certificate = new Certificate(
      `${name}-lineage`,
      { connection, name: app.domain, domains: app.domains, webroot, email, server },
      { parent: this },
    );
    this.expiresAt = certificate.expiresAt;
    // A state from before this output has none.
    this.namesResponder = certificate.ocspResponder.apply(Boolean);
    this.registerOutputs({ expiresAt: this.expiresAt, namesResponder: this.namesResponder });
  }
}
