import { readRepositoryFile } from "../../../repository";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../../host/file-set/inputs";
import { http2For, largeUploads, type SiteSettings } from "../../../host/nginx/configuration";
import { nginxSet } from "../../../host/sets/nginx";
import { siteEntries } from "../../../host/sets/site";
import { siteSettings } from "../../support/site-settings";

const settings = siteSettings("memoryloop", "app.example.com");

const contentOf = (entry: Entry | undefined): string => (entry?.kind === "file" ? entry.content : "");
const siteConfiguration = (given: SiteSettings): string =>
  contentOf(siteEntries(given)[`/etc/nginx/sites-available/${given.app}.conf`]);

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim());

describe("siteConfiguration", () => {
  test("for Debian 12, by its full text", async () => {
    await expect(siteConfiguration(settings)).toMatchFileSnapshot("memoryloop.conf");
  });

  test("contains each parameter in its place", () => {
    const text = siteConfiguration({
      ...settings,
      app: "shop",
      domains: ["shop.example.com"],
      certificate: "lineage",
      uploadLimit: "5m",
      healthPath: "/healthz",
    });
    expect(text).not.toContain("memoryloop ");
    expect(text).not.toContain("app.example.com");
    expect(lines(text)).toEqual(
      expect.arrayContaining([
        "upstream shop {",
        "server unix:/var/lib/shop/current.sock;",
        "server_name shop.example.com;",
        "ssl_certificate /etc/letsencrypt/live/lineage/fullchain.pem;",
        "client_max_body_size 5m;",
        "location = /healthz {",
      ]),
    );
  });

  test("staples verified OCSP responses if the certificate names a responder, and says so if not", () => {
    const stapling = (staples: boolean) =>
      lines(siteConfiguration({ ...settings, staples })).filter((line) => /stapling|trusted_/.test(line));
    expect(stapling(true)).toEqual([
      "ssl_stapling on;",
      "ssl_stapling_verify on;",
      "ssl_trusted_certificate /etc/letsencrypt/live/app.example.com/chain.pem;",
    ]);
    expect(stapling(false)).toEqual(["# OCSP stapling: not offered by the CA, whose certificate names no responder."]);
  });

  test("a newer nginx enables HTTP/2 by a directive", () => {
    const text = lines(siteConfiguration({ ...settings, nginxVersion: "1.26.3" }));
    expect(text).toEqual(expect.arrayContaining(["listen 443 ssl;", "listen [::]:443 ssl;", "http2 on;"]));
    expect(text).not.toContain("listen 443 ssl http2;");
  });

  test.each([
    ["1.22.1", false],
    ["1.27.3", false],
    ["1.27.4", true],
    ["1.30.0", true],
    ["2.0.0", true],
  ])("nginx %s keeps idle connections open at a reload: %s", (nginxVersion, isAsked) => {
    const text = lines(siteConfiguration({ ...settings, nginxVersion }));
    expect(text.includes("keepalive_min_timeout 15s;")).toBe(isAsked);
  });

  test("no location has its own proxy_set_header or add_header, which would disable all others", () => {
    const locations =
      siteConfiguration({ ...settings, contentSecurityPolicy: "nonce" }).match(/^ *location[^}]*}/gm) ?? [];
    expect(locations).toHaveLength(7);
    expect(locations.join("")).not.toMatch(/proxy_set_header|add_header/);
  });

  test("in mode nonce the app receives the policy", () => {
    const text = siteConfiguration({ ...settings, contentSecurityPolicy: "nonce" });
    expect(text).toContain("script-src 'self' 'nonce-$request_id' 'strict-dynamic';");
    expect(text).toContain("proxy_set_header Content-Security-Policy $content_security_policy;");
    expect(text).toContain("proxy_hide_header Content-Security-Policy;");
  });

  test("in mode app only the app sets the policy", () => {
    const text = siteConfiguration({ ...settings, contentSecurityPolicy: "app" });
    expect(text).toContain("proxy_pass_header Content-Security-Policy;");
    expect(text).not.toMatch(/set \$content_security_policy|proxy_(hide|set)_header Content-Security-Policy/);
  });

  test("pages may fetch from the configured origins", () => {
    const text = siteConfiguration({ ...settings, connectSources: ["https://o1.ingest.sentry.io"] });
    expect(text).toContain("connect-src 'self' https://o1.ingest.sentry.io;");
  });
});

describe("largeUploads", () => {
  test.each([
    ["10m", 60, 20],
    ["100m", 10, 4],
    ["500m", 6, 2],
    ["1g", 6, 2],
    ["512k", 60, 20],
  ])("with bodies of up to %s allows %i at one time, and %i for one address", (uploadLimit, total, perAddress) => {
    expect(largeUploads(uploadLimit)).toEqual({ total, perAddress });
  });
});

describe("http2For", () => {
  test.each(["1.22.1", "1.18.0", "1.25.0"])("is a parameter of listen in nginx %s", (version) => {
    expect(http2For(version)).toEqual({ listen: "ssl http2", http2: "" });
  });

  test.each(["1.25.1", "1.26.3", "1.30.0", "2.0.0"])("is a directive in nginx %s", (version) => {
    expect(http2For(version)).toEqual({ listen: "ssl", http2: "\n    http2 on;" });
  });
});

describe("nginxSet", () => {
  const modern = nginxSet("modern").entries;

  test("accepts only TLS 1.3 by default", () => {
    expect(lines(contentOf(modern["/etc/nginx/snippets/ssl-params.conf"]))).toContain("ssl_protocols TLSv1.3;");
    const intermediate = contentOf(nginxSet("intermediate").entries["/etc/nginx/snippets/ssl-params.conf"]);
    expect(lines(intermediate)).toContain("ssl_protocols TLSv1.2 TLSv1.3;");
  });

  test("enables no stapling for all sites, because nginx warns about a certificate without a responder", () => {
    expect(Object.values(modern).map(contentOf).join("\n")).not.toMatch(/^\s*ssl_stapling/m);
  });

  test("error responses have every security header too", () => {
    const headers = lines(contentOf(modern["/etc/nginx/snippets/security-headers.conf"])).filter((line) =>
      line.startsWith("add_header"),
    );
    expect(headers).toHaveLength(11);
    expect(headers.filter((line) => !line.endsWith(" always;"))).toEqual([]);
  });
});

test("nginx.conf still defines the names that the site's file of an earlier version uses", () => {
  const text = readRepositoryFile("rootfs", "nginx", "etc", "nginx", "nginx.conf");
  const names = [
    "connection_upgrade",
    "content_security_policy",
    "is_asked_from_elsewhere",
    "strict_transport_security",
  ];
  expect(names.filter((name) => !new RegExp(`map .* \\$${name} \\{`).test(text))).toEqual([]);
});
