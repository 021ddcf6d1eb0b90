import { describe, expect, test } from "vitest";
import { parseLineage, parseRemains } from "../../../host/certificate/lineage";

const answer = `notBefore=Nov 23 20:00:00 2026 GMT
notAfter=Feb 21 20:00:00 2027 GMT
issuer=CN=Pebble Intermediate CA 3f,O=a\\=b
sha256 Fingerprint=AB:CD:0F
key=id-ecPublicKey
names=b.example.com a.example.com 
responder=http://ocsp.example.com
server=https://acme.test/dir
authenticator=webroot
webroot=/var/www/acme
renewBefore=45 days
`;

describe("parseLineage", () => {
  test("reads what openssl and certbot say", () => {
    expect(parseLineage(answer)).toEqual({
      notBefore: "2026-11-23T20:00:00.000Z",
      expiresAt: "2027-02-21T20:00:00.000Z",
      issuer: "CN=Pebble Intermediate CA 3f,O=a\\=b",
      fingerprint: "abcd0f",
      keyType: "ecdsa",
      names: ["a.example.com", "b.example.com"],
      ocspResponder: "http://ocsp.example.com",
      server: "https://acme.test/dir",
      authenticator: "webroot",
      webroot: "/var/www/acme",
      renewBeforeDays: 45,
    });
  });

  test("is undefined where only remains are left, which parseRemains names", () => {
    const remains = "remains=/etc/letsencrypt/renewal/a.test.conf\nremains=/etc/letsencrypt/archive/a.test\n";
    expect(parseLineage(remains)).toBeUndefined();
    expect(parseRemains(remains)).toEqual(["/etc/letsencrypt/renewal/a.test.conf", "/etc/letsencrypt/archive/a.test"]);
    expect(parseRemains(answer)).toEqual([]);
  });

  test("is undefined where there is no certificate", () => {
    expect(parseLineage("")).toBeUndefined();
  });

  test("takes certbot's default where no day is set", () => {
    expect(parseLineage(answer.replace("45 days", ""))?.renewBeforeDays).toBe(30);
  });

  test("refuses a date that is none", () => {
    expect(() => parseLineage(answer.replace(/notAfter=.*/, "notAfter=never"))).toThrow("not a time");
  });
});
