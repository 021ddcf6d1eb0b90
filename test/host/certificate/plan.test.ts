import { describe, expect, test } from "vitest";
import { certificateInputsSchema } from "../../../host/certificate/inputs";
import type { Lineage } from "../../../host/certificate/lineage";
import { brokenRules, isDue, planCertificate, remainsProblem, renewBeforeDays } from "../../../host/certificate/plan";

const inputs = certificateInputsSchema.parse({
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  name: "app.example.com",
  domains: ["app.example.com"],
  webroot: "/var/www/acme",
});

const lineage: Lineage = {
  notBefore: "2026-01-01T00:00:00.000Z",
  expiresAt: "2026-04-01T00:00:00.000Z",
  issuer: "CN=R1",
  fingerprint: "ab",
  keyType: "ecdsa",
  names: ["app.example.com"],
  server: inputs.server,
  authenticator: "webroot",
  webroot: "/var/www/acme",
  renewBeforeDays: 45,
  ocspResponder: "",
};

const daysBeforeEnd = (days: number): Date => new Date(Date.parse(lineage.expiresAt) - days * 24 * 60 * 60 * 1000);
const plan = (change: Partial<Lineage> = {}, now = daysBeforeEnd(60)) =>
  planCertificate(inputs, { ...lineage, ...change }, now);

describe("planCertificate", () => {
  test("issues a missing certificate", () => {
    expect(planCertificate(inputs, undefined, new Date())).toEqual({ kind: "issue" });
  });

  test("keeps one that will do", () => {
    expect(plan()).toEqual({ kind: "keep" });
    expect(plan({}, daysBeforeEnd(30.1))).toEqual({ kind: "keep" });
  });

  test("renews at thirty days to run", () => {
    const reason = "it has 30 days to run, and more than 30 are asked for";
    expect(plan({}, daysBeforeEnd(30))).toEqual({ kind: "renew", reason });
  });

  test("renews one for other names", () => {
    const reason = "it is for a.example.com, b.example.com, not for app.example.com";
    expect(plan({ names: ["a.example.com", "b.example.com"] })).toEqual({ kind: "renew", reason });
  });

  test("renews one of another authority, such as a staging one", () => {
    expect(plan({ server: "https://staging.test/dir" })).toEqual({
      kind: "renew",
      reason: `it is from https://staging.test/dir, not from ${inputs.server}`,
    });
  });

  test("renews one with a key of another type", () => {
    expect(plan({ keyType: "rsa" })).toEqual({ kind: "renew", reason: "its key is rsa, not ecdsa" });
  });

  test("renews one that certbot renews in another way, which keeps its lineage", () => {
    const reason = 'certbot renews it by "standalone", not through nginx; a new one is renewed through nginx';
    expect(plan({ authenticator: "standalone" })).toEqual({ kind: "renew", reason });
    expect(plan({ webroot: "/srv" })).toEqual({
      kind: "renew",
      reason: "certbot renews it through /srv, and nginx shows /var/www/acme",
    });
    expect(plan({ webroot: "" })).toEqual({ kind: "keep" });
  });

  test("extends one for a further name, shrinks it for fewer, and does nothing for another order", () => {
    const names = ["app.example.com", "www.example.com"];
    const two = { ...inputs, domains: names.toReversed() };
    expect(planCertificate(two, { ...lineage, names }, daysBeforeEnd(60))).toEqual({ kind: "keep" });
    expect(planCertificate(two, lineage, daysBeforeEnd(60))).toMatchObject({ kind: "renew" });
    expect(plan({ names })).toMatchObject({ kind: "renew" });
  });

  test("refuses a folder certbot knows nothing of, as certbot would make a second one beside it", () => {
    expect(plan({ server: "" })).toMatchObject({ kind: "refuse", hint: expect.stringContaining("move ") as unknown });
  });
});

describe("remainsProblem", () => {
  const path = (kind: string, end = "") => `/etc/letsencrypt/${kind}/a.test${end}`;

  test("names the paths, and the command of certbot where certbot knows the lineage", () => {
    expect(remainsProblem("a.test", [path("renewal", ".conf"), path("archive")])).toEqual({
      reason:
        "its files are gone, but certbot still has /etc/letsencrypt/renewal/a.test.conf and /etc/letsencrypt/archive/a.test",
      hint: "on the server: certbot delete --non-interactive --cert-name a.test; then run `pulumi up` again, which issues a new one",
    });
  });

  test("removes the paths where certbot knows no lineage", () => {
    expect(remainsProblem("a.test", [path("live"), path("archive")]).hint).toBe(
      "on the server: rm -r /etc/letsencrypt/live/a.test /etc/letsencrypt/archive/a.test; then run `pulumi up` again, which issues a new one",
    );
  });
});

describe("brokenRules", () => {
  test("of a good certificate are none", () => {
    expect(brokenRules(inputs, lineage, daysBeforeEnd(60))).toEqual([]);
  });

  test("names what the certificate is not for, and how short it runs", () => {
    expect(brokenRules(inputs, { ...lineage, names: [] }, daysBeforeEnd(6))).toEqual([
      "it is not for app.example.com",
      "it has 6 days to run, and more than 30 are asked for",
    ]);
  });
});

describe("renewBeforeDays", () => {
  test.each([
    [90, 45],
    [64, 41],
    [45, 35],
    [365, 45],
  ])("of a certificate for %i days are %i", (lifetime, expected) => {
    const notBefore = daysBeforeEnd(lifetime).toISOString();
    expect(renewBeforeDays({ ...lineage, notBefore })).toBe(expected);
  });
});

describe("isDue", () => {
  test("when the recorded end is thirty days away or less", () => {
    expect(isDue(lineage, daysBeforeEnd(31))).toBe(false);
    expect(isDue(lineage, daysBeforeEnd(30))).toBe(true);
  });
});
