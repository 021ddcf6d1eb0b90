import { configSchema } from "../../../config";
import { domainName } from "../../../host/domain-name";
import { bad, doubtful, good, type Form, type Verdict } from "../verdict";
import { isPlaceholder } from "./placeholder";

/** The answers of DNS about a name. `caa` holds the authorities that may issue; empty when DNS restricts none. */
export interface DnsFacts {
  readonly a: readonly string[];
  readonly aaaa: readonly string[];
  readonly caa: readonly string[];
}

const authority = "letsencrypt.org";

/** The form of the site's name. */
export function checkDomain(answer: string): Form<string> {
  const parsed = domainName.safeParse(answer.trim());
  if (!parsed.success)
    return bad(parsed.error.issues[0]?.message ?? "not a name", "give the name alone, such as shop.mysite.org");
  if (isPlaceholder(parsed.data))
    return bad(`${parsed.data} is an example of documentation`, "give a name that you own, such as shop.mysite.org");
  return good(parsed.data);
}

const nameSchema = configSchema.shape.app.in.shape.name;

/** The app's name on the server that a domain suggests: its first label, without www. */
export function appNameOf(domain: string): string {
  const label = domain.replace(/^www\./, "").split(".")[0] ?? "";
  return nameSchema.safeParse(label).success ? label : "app";
}

/** The form of the app's name. */
export function checkName(answer: string): Form<string> {
  const name = answer.trim();
  if (nameSchema.safeParse(name).success) return good(name);
  const found = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 31);
  return bad(
    `"${name}" cannot be an app's name: lower case letters, digits and dashes, at most 31`,
    `give a name such as ${found || "shop"}`,
  );
}

/** Whether the domain leads to the server, and whether the certificate authority may issue for it. */
export function checkDns(domain: string, dns: DnsFacts, server: readonly string[]): Verdict<string> {
  if (dns.caa.length > 0 && !dns.caa.includes(authority))
    return bad(
      `the CAA records of ${domain} permit only ${dns.caa.join(", ")}, so no certificate can be issued`,
      `add the record: ${domain}. CAA 0 issue "${authority}"`,
    );
  const set = `set the A record: ${domain}. A ${server[0] ?? "<address of the server>"}`;
  if (dns.a.length + dns.aaaa.length === 0) return doubtful(domain, `${domain} does not resolve`, set);
  if (!dns.a.some((address) => server.includes(address)))
    return doubtful(domain, `${domain} leads to ${[...dns.a, ...dns.aaaa].join(", ")}, not to the server`, set);
  const foreign = dns.aaaa.filter((address) => !server.includes(address));
  if (foreign.length > 0)
    return doubtful(
      domain,
      `${domain} also has the IPv6 address ${foreign.join(", ")}, which the certificate authority asks first`,
      "keep it if it is the server's; otherwise remove the AAAA record",
    );
  return good(domain, `DNS: ${domain} leads to ${dns.a.join(", ")}`);
}
