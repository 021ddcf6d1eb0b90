import { isDeepStrictEqual } from "node:util";
import type { CertificateInputs } from "./inputs";
import type { Lineage } from "./lineage";

/** A certificate must have more than these to run; data-model.md section 6. */
const leastDaysLeft = 30;

/** Days that failing renewals may go unnoticed before the rule above breaks, where the lifetime has room for them. */
const widestMarginDays = 15;

const dayMs = 24 * 60 * 60 * 1000;

const daysBetween = (from: string | Date, to: string): number =>
  (new Date(to).getTime() - new Date(from).getTime()) / dayMs;

/** The next action for the requested certificate, and its reason. */
export type CertificatePlan =
  | { readonly kind: "keep" }
  | { readonly kind: "issue" }
  | { readonly kind: "renew"; readonly reason: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** A renewal that needs port 80 for itself, or another folder, fails later without a word: nginx has the port. */
function renewalDifferences(inputs: CertificateInputs, { authenticator, webroot }: Lineage): string[] {
  if (authenticator !== "webroot")
    return [`certbot renews it by "${authenticator}", not through nginx; a new one is renewed through nginx`];
  if (webroot === "" || webroot === inputs.webroot) return [];
  return [`certbot renews it through ${webroot}, and nginx shows ${inputs.webroot}`];
}

/** Whether the names, the key type and the directory are those asked for: each that is not, in words. */
const differences = (inputs: CertificateInputs, lineage: Lineage): string[] => [
  ...(isDeepStrictEqual(sorted(inputs.domains), lineage.names)
    ? []
    : [`it is for ${lineage.names.join(", ")}, not for ${sorted(inputs.domains).join(", ")}`]),
  ...(inputs.keyType === lineage.keyType ? [] : [`its key is ${lineage.keyType}, not ${inputs.keyType}`]),
  ...renewalDifferences(inputs, lineage),
  ...(inputs.server === lineage.server ? [] : [`it is from ${lineage.server}, not from ${inputs.server}`]),
];

/**
 * The problem of a lineage of which only parts are left. certbot would make a second one beside it, `<name>-0001`, again
 * at every try, until the authority refuses.
 */
export function remainsProblem(name: string, paths: readonly string[]): { reason: string; hint: string } {
  const isKnown = paths.includes(`/etc/letsencrypt/renewal/${name}.conf`);
  return {
    reason: `its files are gone, but certbot still has ${paths.join(" and ")}`,
    hint: `on the server: ${isKnown ? `certbot delete --non-interactive --cert-name ${name}` : `rm -r ${paths.join(" ")}`}; then run \`pulumi up\` again, which issues a new one`,
  };
}

/** Decides whether the certificate on the host will do. */
export function planCertificate(inputs: CertificateInputs, lineage: Lineage | undefined, now: Date): CertificatePlan {
  if (!lineage) return { kind: "issue" };
  if (lineage.server === "") {
    return {
      kind: "refuse",
      reason: `/etc/letsencrypt/live/${inputs.name} is there, but certbot knows no way to renew it`,
      hint: `move /etc/letsencrypt/live/${inputs.name} and archive/${inputs.name} away on the host and run \`pulumi up\` again`,
    };
  }
  const [difference] = differences(inputs, lineage);
  if (difference) return { kind: "renew", reason: difference };
  const left = daysBetween(now, lineage.expiresAt);
  return left > leastDaysLeft
    ? { kind: "keep" }
    : { kind: "renew", reason: `it has ${Math.floor(left)} days to run, and more than ${leastDaysLeft} are asked for` };
}

/** The rules of data-model.md section 6 that a certificate breaks, in words. */
export function brokenRules(inputs: CertificateInputs, lineage: Lineage, now: Date): string[] {
  const missing = sorted(inputs.domains).filter((domain) => !lineage.names.includes(domain));
  const left = daysBetween(now, lineage.expiresAt);
  return [
    ...(missing.length > 0 ? [`it is not for ${missing.join(", ")}`] : []),
    ...(left > leastDaysLeft
      ? []
      : [`it has ${Math.floor(left)} days to run, and more than ${leastDaysLeft} are asked for`]),
  ];
}

/**
 * How many days before its end a certificate is renewed, so that it always has more than 30 to run: 45 of 90 days, 41
 * of 64, 35 of 45.
 */
export function renewBeforeDays({ notBefore, expiresAt }: Pick<Lineage, "notBefore" | "expiresAt">): number {
  const room = Math.round(daysBetween(notBefore, expiresAt)) - leastDaysLeft;
  return leastDaysLeft + Math.min(widestMarginDays, Math.floor(room / 3));
}

/**
 * Whether a certificate is due to be looked at by the next `up` though nothing was asked to change: its recorded end is
 * near, because it was not renewed or because nobody looked since it was.
 */
export const isDue = ({ expiresAt }: { expiresAt: string }, now: Date): boolean =>
  daysBetween(now, expiresAt) <= leastDaysLeft;
