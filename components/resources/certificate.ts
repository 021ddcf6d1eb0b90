import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

export interface CertificateArgs {
  connection: pulumi.Input<Connection>;
  /** Name of the lineage: the certificate is `/etc/letsencrypt/live/<name>/fullchain.pem`. Another name is another lineage. */
  name: pulumi.Input<string>;
  /** Domain names of the certificate. */
  domains: pulumi.Input<string[]>;
  /** Folder that the web server serves at `/.well-known/acme-challenge/` of each domain on port 80. */
  webroot: pulumi.Input<string>;
  /** Contact of the ACME account. @default none */
  email?: pulumi.Input<string>;
  /** ACME directory. certbot keeps it for the renewals. @default Let's Encrypt */
  server?: pulumi.Input<string>;
  /** @default "ecdsa" */
  keyType?: pulumi.Input<"ecdsa" | "rsa">;
}

/**
 * A certificate from an ACME authority for these names. certbot gets it, and certbot's timer renews it, so that it is always
 * valid for more than 30 days (docs/data-model.md section 6). A valid certificate that is already on the server is adopted.
 * **Deletion keeps certificate, key and account on the server**, because the authority limits the certificates per week.
 */
export class Certificate extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:Certificate";

  /** End of its validity, in ISO 8601. */
  declare readonly expiresAt: pulumi.Output<string>;
  /** Start of its validity, in ISO 8601. */
  declare readonly notBefore: pulumi.Output<string>;
  /** Distinguished name of the issuer. */
  declare readonly issuer: pulumi.Output<string>;
  /** SHA-256 of the certificate, in lower case hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Address of the OCSP responder in the certificate; empty without one. */
  declare readonly ocspResponder: pulumi.Output<string>;
  /** certbot renews it when it is valid for fewer days than this. */
  declare readonly renewBeforeDays: pulumi.Output<number>;

  constructor(name: string, args: CertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      expiresAt: undefined,
      notBefore: undefined,
      issuer: undefined,
      fingerprint: undefined,
      ocspResponder: undefined,
      renewBeforeDays: undefined,
    };
    super(Certificate.__pulumiType, name, { ...args, ...outputs }, opts);
  }
}
