import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

export interface CertificateArgs {
  connection: pulumi.Input<Connection>;
  /** Name of the lineage: the certificate is `/etc/letsencrypt/live/<name>/fullchain.pem`. Another name is another one. */
  name: pulumi.Input<string>;
  /** The names it is for. */
  domains: pulumi.Input<string[]>;
  /** Folder that the web server shows at `/.well-known/acme-challenge/` of each domain on port 80. */
  webroot: pulumi.Input<string>;
  /** Contact of the ACME account. @default none */
  email?: pulumi.Input<string>;
  /** ACME directory. certbot keeps it for the renewals. @default Let's Encrypt */
  server?: pulumi.Input<string>;
  /** @default "ecdsa" */
  keyType?: pulumi.Input<"ecdsa" | "rsa">;
}

/**
 * A certificate from an ACME authority, by certbot, for the names asked for and with more than 30 days to run
 * (docs/data-model.md section 6); certbot's own timer renews it early enough to keep that so. A valid one that is on the host
 * is taken over. **Deleting leaves certificate, key and account on the host**: the authority's weekly limits would
 * soon forbid to get them again.
 */
export class Certificate extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:Certificate";

  /** When it ends, in ISO 8601. */
  declare readonly expiresAt: pulumi.Output<string>;
  /** When it began, in ISO 8601. */
  declare readonly notBefore: pulumi.Output<string>;
  /** Who signed it: the distinguished name. */
  declare readonly issuer: pulumi.Output<string>;
  /** SHA-256 of the certificate, in lower case hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Address of the OCSP responder that it names; empty where it names none. */
  declare readonly ocspResponder: pulumi.Output<string>;
  /** It is renewed when it has fewer days to run than these. */
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
