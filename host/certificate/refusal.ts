import { HostError } from "../host-error";
import type { CertificateInputs } from "./inputs";

/** The remedy for each problem of an ACME authority (RFC 8555, section 6.7), by certbot's words. */
const remedies: readonly { readonly sign: RegExp; readonly hint: (inputs: CertificateInputs) => string }[] = [
  {
    sign: /rateLimited|too many (certificates|failed|new orders)/i,
    hint: () => "wait until the time the authority names; nothing on the host speeds it up",
  },
  {
    sign: /ConnectionPool|requests\.exceptions/,
    hint: ({ server }) => `the authority could not be reached; try on the host: curl -v ${server}`,
  },
  {
    sign: /Type:\s+dns|NXDOMAIN|no valid A records/i,
    hint: ({ domains, connection }) =>
      `check that each name points to ${connection.host}: dig +short ${domains.join(" ")} A; dig +short ${domains.join(" ")} AAAA`,
  },
  {
    sign: /Type:\s+connection|Timeout during connect|Connection refused/i,
    hint: ({ domains }) =>
      `check that port 80 is open to the world and nginx runs: curl -v http://${domains[0] ?? ""}/.well-known/acme-challenge/x`,
  },
  {
    sign: /Type:\s+(unauthorized|incorrectResponse)/i,
    hint: ({ domains, connection }) =>
      `another server answers for a name: check that dig +short ${domains.join(" ")} names ${connection.host} only, AAAA included`,
  },
  {
    sign: /Type:\s+caa/i,
    hint: ({ domains }) => `the CAA records forbid this authority: dig +short ${domains[0] ?? ""} CAA`,
  },
  {
    sign: /Another instance of Certbot/i,
    hint: () => "a renewal is under way: run `pulumi up` again in a minute",
  },
];

const fallback = "read the whole story on the host: /var/log/letsencrypt/letsencrypt.log";

/** Lines that certbot always prints. A hint names the log where it matters. */
const noise =
  /^(Saving debug log|Plugins selected|Requesting a certificate|Renewing an existing|Account registered|Ask for help|- - -)|^\s*$/;

/** A failed issue, told in the authority's own words, with what to check next. */
export function explainRefusal(error: unknown, inputs: CertificateInputs): unknown {
  if (!(error instanceof HostError)) return error;
  const { cause } = error.failure;
  const words = cause.split("\n").filter((line) => !noise.test(line));
  const remedy = remedies.find(({ sign }) => sign.test(cause));
  return new HostError({ ...error.failure, cause: words.join("\n"), hint: remedy?.hint(inputs) ?? fallback });
}
