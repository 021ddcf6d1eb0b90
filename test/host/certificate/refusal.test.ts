import { describe, expect, test } from "vitest";
import { certificateInputsSchema } from "../../../host/certificate/inputs";
import { explainRefusal } from "../../../host/certificate/refusal";
import { HostError } from "../../../host/host-error";

const inputs = certificateInputsSchema.parse({
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  name: "app.example.com",
  domains: ["app.example.com"],
  webroot: "/var/www/acme",
});

const refused = (problem: string): string => `Saving debug log to /var/log/letsencrypt/letsencrypt.log
Requesting a certificate for app.example.com

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
${problem}
Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org.`;

function explain(cause: string): HostError {
  const failure = { operation: "issue certificate", target: "app.example.com", cause, hint: "" };
  return explainRefusal(new HostError(failure), inputs) as HostError;
}

describe("explainRefusal", () => {
  test("keeps the authority's words and leaves out certbot's small talk", () => {
    const problem = "  Domain: app.example.com\n  Type:   dns\n  Detail: NXDOMAIN looking up A for app.example.com";
    expect(explain(refused(problem)).failure).toEqual({
      operation: "issue certificate",
      target: "app.example.com",
      cause: `Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
${problem}
Some challenges have failed.`,
      hint: "check that each name points to 203.0.113.7: dig +short app.example.com A; dig +short app.example.com AAAA",
    });
  });

  test.each([
    ["Type:   connection\n  Detail: Timeout during connect", "port 80 is open"],
    ["Type:   unauthorized\n  Detail: Invalid response", "another server answers"],
    ["Type:   caa", "CAA"],
    ["urn:ietf:params:acme:error:rateLimited :: too many certificates", "wait until"],
    ["rateLimited: four attempts failed within an hour", "wait until"],
    ["requests.exceptions.ConnectionError: HTTPSConnectionPool: Connection refused", `curl -v ${inputs.server}`],
    ["Another instance of Certbot is already running.", "in a minute"],
    ["something new", "/var/log/letsencrypt/letsencrypt.log"],
  ])("%j: says what to check", (words, hint) => {
    expect(explain(refused(words)).failure.hint).toContain(hint);
  });

  test("lets other errors pass", () => {
    const error = new Error("x");
    expect(explainRefusal(error, inputs)).toBe(error);
  });
});
