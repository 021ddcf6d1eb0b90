import { z } from "zod";

/** A certificate as it is on the host, and how certbot means to renew it. */
export interface Lineage {
  readonly notBefore: string;
  readonly expiresAt: string;
  readonly issuer: string;
  readonly fingerprint: string;
  readonly keyType: "ecdsa" | "rsa";
  /** Sorted. */
  readonly names: readonly string[];
  /** Where the certificate says that its status is told by OCSP; empty where it says nothing. */
  readonly ocspResponder: string;
  /** The directory it is renewed from; empty when certbot knows nothing of it. */
  readonly server: string;
  /** How the renewals prove that the names are ours: `webroot`, `standalone`, the name of another plugin. */
  readonly authenticator: string;
  /** Folder of the challenges; empty where certbot names none. */
  readonly webroot: string;
  /** certbot's own default is 30. */
  readonly renewBeforeDays: number;
}

const isoTime = z.string().transform((text, context) => {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  context.addIssue(`not a time: ${text}`);
  return z.NEVER;
});

const answerSchema = z.object({
  notBefore: isoTime,
  notAfter: isoTime,
  issuer: z.string(),
  "sha256 Fingerprint": z.string(),
  key: z.string(),
  names: z.string(),
  responder: z.string(),
  server: z.string(),
  authenticator: z.string(),
  webroot: z.string(),
  renewBefore: z.string(),
});

const remainsMark = "remains=";

const daysPattern = /^(\d+) days?$/;

/** The paths of a lineage whose certificate is gone, as `certificate/read.sh` prints them. */
export const parseRemains = (output: string): string[] =>
  output.split("\n").flatMap((line) => (line.startsWith(remainsMark) ? [line.slice(remainsMark.length)] : []));

/**
 * The lineage that `certificate/read.sh` prints; `undefined` when it does not exist, or only remains of it do.
 * @throws ZodError when the answer is not of that form.
 */
export function parseLineage(output: string): Lineage | undefined {
  const lines = output.split("\n").filter(Boolean);
  if (lines.length === 0 || parseRemains(output).length > 0) return undefined;
  const parsed = answerSchema.parse(
    Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])),
  );
  return {
    notBefore: parsed.notBefore,
    expiresAt: parsed.notAfter,
    issuer: parsed.issuer.trim(),
    fingerprint: parsed["sha256 Fingerprint"].replaceAll(":", "").toLowerCase(),
    keyType: parsed.key.startsWith("rsa") ? "rsa" : "ecdsa",
    names: parsed.names.split(" ").filter(Boolean).sort(),
    ocspResponder: parsed.responder,
    server: parsed.server,
    authenticator: parsed.authenticator,
    webroot: parsed.webroot,
    renewBeforeDays: Number(daysPattern.exec(parsed.renewBefore)?.[1] ?? 30),
  };
}
