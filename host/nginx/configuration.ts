import { contentSecurityPolicy, type ContentSecurityPolicyMode } from "./content-security-policy";

/** Where certbot puts the answers to an authority's challenges, for every app of a host. */
export const webroot = "/var/www/acme";

/** `modern`: TLS 1.3 only. `intermediate`: TLS 1.2 as well, for old clients. */
export type TlsPolicy = "modern" | "intermediate";

/** Mozilla's guideline 6.0, without the suites that need DH parameters. TLS 1.3's own suites are OpenSSL's to choose. */
const tls: Readonly<Record<TlsPolicy, { protocols: string; ciphers: string }>> = {
  modern: { protocols: "TLSv1.3", ciphers: "HIGH:!aNULL" },
  intermediate: {
    protocols: "TLSv1.2 TLSv1.3",
    ciphers: [
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-RSA-AES128-GCM-SHA256",
      "ECDHE-ECDSA-AES256-GCM-SHA384",
      "ECDHE-RSA-AES256-GCM-SHA384",
      "ECDHE-ECDSA-CHACHA20-POLY1305",
      "ECDHE-RSA-CHACHA20-POLY1305",
    ].join(":"),
  },
};

/** Values for the templates of `rootfs/nginx`, which are the same for every app of a server. */
export const sharedValues = (policy: TlsPolicy) => ({ webroot, policy, ...tls[policy] });

export interface SiteSettings {
  /** Name of the app: its upstream is `/var/lib/<app>/current.sock`. */
  readonly app: string;
  readonly domain: string;
  /** Name of the certificate's lineage. */
  readonly certificate: string;
  /** Whether the certificate names an OCSP responder: where it does not, nginx would warn of stapling at each test. */
  readonly staples: boolean;
  /** Largest request body, in nginx's notation. */
  readonly uploadLimit: string;
  readonly healthPath: string;
  readonly contentSecurityPolicy: ContentSecurityPolicyMode;
  /** Origins beside its own that a page may fetch from. */
  readonly connectSources: readonly string[];
  /** nginx's own version, such as "1.22.1". */
  readonly nginxVersion: string;
}

function isAtLeast(version: string, wanted: readonly [number, number, number]): boolean {
  const parts = version.split(".").map(Number);
  const differing = wanted.findIndex((number, index) => number !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}

/** HTTP/2 is a word of `listen` up to nginx 1.25.0 and a directive from then on; each warns or fails at the other. */
export const http2For = (version: string): { listen: string; http2: string } =>
  isAtLeast(version, [1, 25, 1]) ? { listen: "ssl", http2: "\n    http2 on;" } : { listen: "ssl http2", http2: "" };

/** From 1.27.4 on nginx itself spares kept-alive connections at a reload, for as long as an idle one may live. */
const keepAliveFor = (version: string): readonly string[] =>
  isAtLeast(version, [1, 27, 4]) ? ["keepalive_min_timeout 15s;"] : [];

/** Stapling of the responder's word, which is checked before it is passed on (data-model.md section 6). */
const staplingFor = ({ staples, certificate }: SiteSettings): readonly string[] =>
  staples
    ? [
        "ssl_stapling on;",
        "ssl_stapling_verify on;",
        `ssl_trusted_certificate /etc/letsencrypt/live/${certificate}/chain.pem;`,
      ]
    : ["# OCSP stapling: not offered by the CA, whose certificate names no responder."];

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join("");

/** Values for the template of the site: https with the app behind it, http redirected to https. */
export function siteValues(settings: SiteSettings) {
  const { app, domain, certificate, uploadLimit, healthPath } = settings;
  const { statement, proxyDirectives } = contentSecurityPolicy(settings.contentSecurityPolicy, settings.connectSources);
  return {
    app,
    domain,
    certificate,
    uploadLimit,
    healthPath,
    webroot,
    policy: statement,
    stapling: indented(staplingFor(settings)),
    keepAlive: indented(keepAliveFor(settings.nginxVersion)),
    proxyPolicy: indented(proxyDirectives),
    ...http2For(settings.nginxVersion),
  };
}
