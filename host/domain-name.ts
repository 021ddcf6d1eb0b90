import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { z } from "zod";

/** The form in which certificates, nginx and DNS hold a name: lower case, no dot at the end, other scripts in Punycode. */
const normalized = (text: string): string => domainToASCII(text.replace(/\.$/, ""));

/** Why a text cannot be the name of a site; undefined when it can. */
function problemOf(text: string): string | undefined {
  const name = normalized(text);
  if (text.includes("*"))
    return "a wildcard, whose certificate needs a challenge by DNS; the program does not make it. List each name in app.domains";
  if (text.includes("/")) return "an address; give the name alone, such as shop.example.com";
  if (isIP(text) !== 0 || isIP(name) !== 0)
    return "an IP address; a certificate needs a name, such as shop.example.com";
  if (text.includes(":")) return "a name with a port; the site is always at 443. Give the name alone";
  return z.hostname().safeParse(name).success && name.includes(".") ? undefined : "not a domain name";
}

/** A name of the site. Upper case, a dot at the end and letters outside ASCII are brought into the form of certificates. */
export const domainName = z.string().transform((text, context) => {
  const problem = problemOf(text);
  if (problem === undefined) return normalized(text);
  context.addIssue(`"${text}" is ${problem}`);
  return z.NEVER;
});
