import { beforeAll, describe, expect, test } from "vitest";
import { promiseOf, recordRegistrations, registeredOf, type Registered } from "../support/mocks";

const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
let registered: Registered[];
let namesResponder: boolean;

beforeAll(async () => {
  registered = recordRegistrations();
  const { SiteCertificate } = await import("../../components/site-certificate");
  const args = {
    connection,
    app: { domain: "app.example.com", domains: ["app.example.com", "www.example.com"] },
    email: "you@example.com",
    server: "https://acme.example.com/directory",
  };
  namesResponder = await promiseOf(new SiteCertificate("certificate", args).namesResponder);
});

describe("SiteCertificate", () => {
  test("says whether there is an OCSP responder", () => {
    expect(namesResponder).toBe(true);
  });

  test("asks for all names of the site, through the folder nginx shows", () => {
    expect(registeredOf(registered, "vps:index:Certificate").inputs).toMatchObject({
      connection,
      name: "app.example.com",
      domains: ["app.example.com", "www.example.com"],
      webroot: "/var/www/acme",
      email: "you@example.com",
      server: "https://acme.example.com/directory",
    });
  });
});
