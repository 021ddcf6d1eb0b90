import * as pulumi from "@pulumi/pulumi";
import { sharedConfiguration, webroot, type TlsPolicy } from "../host/nginx/configuration";
import type { Connection } from "../provider/connection";
import { readRepositoryFile } from "../repository";
import { Certificate } from "../resources/certificate";
import { reloadNginx } from "./hardening";
import { FileSet, type Entry } from "../resources/file-set";

export interface SiteCertificateArgs {
  readonly connection: pulumi.Input<Connection>;
  readonly app: { readonly domain: string };
  /** Contact of the ACME account. */
  readonly email?: pulumi.Input<string>;
  /** ACME directory. @default Let's Encrypt */
  readonly server?: pulumi.Input<string>;
  /** One choice for the whole host: the protocol is agreed before the name of a site is known. @default "modern" */
  readonly tls?: TlsPolicy;
}

const file = (content: string, mode = "0644"): Entry => ({ kind: "file", content, mode, owner: "root:root" });
const directory: Entry = { kind: "directory", mode: "0755", owner: "root:root", ownership: "enforced" };

/** What all sites of a host share: nginx itself, the way to a certificate, and what happens after a renewal. */
export function sharedEntries(tls: TlsPolicy): Record<string, Entry> {
  const configuration = Object.entries(sharedConfiguration(tls)).map(([path, text]) => [path, file(text)] as const);
  return {
    ...Object.fromEntries(configuration),
    "/etc/nginx/sites-enabled/default": { kind: "absent" },
    [webroot]: directory,
    // certbot makes these at its first run, which is still to come.
    "/etc/letsencrypt/renewal-hooks": directory,
    "/etc/letsencrypt/renewal-hooks/deploy": directory,
    "/etc/letsencrypt/renewal-hooks/deploy/reload-nginx": file(
      readRepositoryFile("host", "nginx", "reload.sh"),
      "0755",
    ),
  };
}

/**
 * nginx answering on port 80 and the site's certificate, obtained through it and renewed by certbot's timer. nginx is
 * configured as the only owner would, yet with nothing of one app in it: the stacks of several apps hold the same files.
 */
export class SiteCertificate extends pulumi.ComponentResource {
  /** When the certificate ends, in ISO 8601. */
  readonly expiresAt: pulumi.Output<string>;
  /** Whether it names an OCSP responder, so that nginx can staple what that says. */
  readonly namesResponder: pulumi.Output<boolean>;

  constructor(name: string, args: SiteCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:SiteCertificate", name, {}, opts);
    const nginx = this.nginx(name, args);
    const certificate = this.certificate(name, args, nginx);
    this.expiresAt = certificate.expiresAt;
    // A state from before this output has none.
    this.namesResponder = certificate.ocspResponder.apply(Boolean);
    this.registerOutputs({ expiresAt: this.expiresAt, namesResponder: this.namesResponder });
  }

  private nginx(name: string, { connection, tls = "modern" }: SiteCertificateArgs): FileSet {
    const running = { enabled: true, active: true };
    return new FileSet(
      `${name}-nginx`,
      {
        connection,
        entries: sharedEntries(tls),
        units: { "nginx.service": running, "certbot.timer": running },
        validate: [["nginx", "-t"]],
        activate: [reloadNginx],
      },
      { parent: this },
    );
  }

  private certificate(name: string, args: SiteCertificateArgs, nginx: FileSet): Certificate {
    const { connection, app, email, server } = args;
    return new Certificate(
      `${name}-lineage`,
      {
        connection,
        name: app.domain,
        domains: [app.domain],
        webroot,
        ...(email !== undefined && { email }),
        ...(server !== undefined && { server }),
      },
      { parent: this, dependsOn: nginx },
    );
  }
}
