import { z } from "zod";
import { connectionSchema } from "../connection";

const hostname = z.hostname().lowercase();

export const certificateInputsSchema = z.object({
  connection: connectionSchema,
  /** Name of certbot's lineage. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "lower case letters, digits, dots and dashes"),
  domains: z.array(hostname).min(1),
  webroot: z.string().startsWith("/"),
  email: z.email().optional(),
  server: z.url().default("https://acme-v02.api.letsencrypt.org/directory"),
  keyType: z.enum(["ecdsa", "rsa"]).default("ecdsa"),
});

export type CertificateInputs = z.output<typeof certificateInputsSchema>;

export interface CertificateState extends CertificateInputs {
  readonly expiresAt: string;
  readonly notBefore: string;
  readonly issuer: string;
  readonly fingerprint: string;
  readonly ocspResponder: string;
  readonly renewBeforeDays: number;
}
