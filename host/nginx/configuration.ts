import { accessDirectives, type SiteAccess } from "./access";
import type { KeepAssets } from "../rollout/assets";
import { contentSecurityPolicy, type ContentSecurityPolicyMode } from "./content-security-policy";
import { keptAssets } from "./kept-assets";
import { challengeValues, peerUpstreams, type ClusterPlace } from "./peers";
import { headerValues } from "./security-headers";
import { trustedProxies } from "./trusted-proxies";

/** Folder for the answers to ACME challenges, for every app of a server. */
export const webroot = "/var/www/acme";

/** `modern`: TLS 1.3 only. `intermediate`: TLS 1.2 as well, for old clients. */
export type TlsPolicy = "modern" | "intermediate";

/** Mozilla's guideline 6.0, without suites that need DH parameters. OpenSSL chooses the suites of TLS 1.3. */
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
export const sharedValues = (policy: TlsPolicy, place?: ClusterPlace) => ({
  ...{ webroot, policy },
  ...tls[policy],
  ...headerValues(),
  ...challengeValues(place, "        "),
});

/** The owner's choices for a site. */
export interface SiteOptions {
  readonly contentSecurityPolicy: ContentSecurityPolicyMode;
  /** Other origins that a page may fetch from. */
  readonly connectSources: readonly string[];
  /** Requests at one time that one client address can have. */
  readonly connectionsPerAddress: number;
  /** The response for the names beside the canonical one. */
  readonly otherDomains: "redirect" | "serve";
  /** Whose security headers win where app and site both send one. */
  readonly headers: "ours" | "app";
  readonly hsts: { readonly includeSubDomains: boolean; readonly preload: boolean };
  /** Addresses and networks whose X-Forwarded-For is believed; `cloudflare` means all of Cloudflare's. */
  readonly trustedProxies: readonly string[];
  /** Who may see the site; undefined for everybody. */
  readonly access?: SiteAccess | undefined;
  /** Paths whose files outlive their release. */
  readonly keepAssets: KeepAssets;
  /** The server's place in a cluster; undefined for one server. */
  readonly place?: ClusterPlace | undefined;
}

export interface SiteSettings extends SiteOptions {
  /** Name of the app: its upstream is `/var/lib/<app>/current.sock`. */
  readonly app: string;
  /** Names of the site. The first is canonical. */
  readonly domains: readonly string[];
  /** Name of the certificate's lineage. */
  readonly certificate: string;
  /** The certificate names an OCSP responder. Without one, nginx warns about stapling at each test. */
  readonly staples: boolean;
  /** Largest request body, in nginx's notation. */
  readonly uploadLimit: string;
  readonly healthPath: string;
  /** Version of nginx, such as "1.22.1". */
  readonly nginxVersion: string;
}

function isAtLeast(version: string, wanted: readonly [number, number, number]): boolean {
  const parts = version.split(".").map(Number);
  const differing = wanted.findIndex((number, index) => number !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}

/** From 1.29.0 on, nginx passes early hints (103) of the app on. Over HTTP/1.1, old clients take them for the response. */
const earlyHintsFor = (version: string): readonly string[] =>
  isAtLeast(version, [1, 29, 0]) ? ["early_hints $http2;"] : [];

/** HTTP/2 is a parameter of `listen` up to nginx 1.25.0, and a directive in later versions. Both refuse the other form. */
export const http2For = (version: string): { listen: string; http2: string } =>
  isAtLeast(version, [1, 25, 1]) ? { listen: "ssl", http2: "\n    http2 on;" } : { listen: "ssl http2", http2: "" };

/** From 1.27.4 on, nginx itself keeps idle connections open at a reload, for as long as `keepalive_timeout`. */
const keepAliveFor = (version: string): readonly string[] =>
  isAtLeast(version, [1, 27, 4]) ? ["keepalive_min_timeout 15s;"] : [];

/** OCSP stapling; nginx verifies the response of the responder first (docs/data-model.md section 6). */
const staplingFor = ({ staples, certificate }: SiteSettings): readonly string[] =>
  staples
    ? [
        "ssl_stapling on;",
        "ssl_stapling_verify on;",
        `ssl_trusted_certificate /etc/letsencrypt/live/${certificate}/chain.pem;`,
      ]
    : ["# OCSP stapling: not offered by the CA, whose certificate names no responder."];

const unitBytes: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

const bytesOf = (size: string): number => Number(size.slice(0, -1)) * (unitBytes[size.slice(-1)] ?? 1);

/** Bodies up to 10 MB: at most 600 MB of the disk, and 200 MB for one address. */
const mediumUploads = { total: 60, perAddress: 20 };

/** Bytes of the disk that larger bodies may use. */
const largeUploadBudget = 2 ** 30;

/** How many larger bodies nginx stores at one time. A few are always possible, however large the limit is. */
export function largeUploads(uploadLimit: string): { readonly total: number; readonly perAddress: number } {
  const fitting = Math.floor(largeUploadBudget / bytesOf(uploadLimit));
  const total = Math.min(mediumUploads.total, Math.max(6, fitting));
  return { total, perAddress: Math.ceil(total / 3) };
}

function limitValues({ uploadLimit, connectionsPerAddress }: SiteSettings) {
  const large = largeUploads(uploadLimit);
  return {
    requestsPerAddress: String(connectionsPerAddress),
    mediumUploads: String(mediumUploads.total),
    mediumUploadsPerAddress: String(mediumUploads.perAddress),
    largeUploads: String(large.total),
    largeUploadsPerAddress: String(large.perAddress),
  };
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join("");

/** Browsers use https for two years. The shared header says so for the site alone; only a wider promise is stated here. */
const hstsFor = ({ hsts }: SiteSettings): readonly string[] =>
  hsts.includeSubDomains
    ? [`set $strict_transport_security "max-age=63072000; includeSubDomains${hsts.preload ? "; preload" : ""}";`]
    : [];

const headersSnippet = { ours: "security-headers", app: "security-headers-unless-app" } as const;

/** Values for the names of the site. With one name, nothing leads from one to another. */
function nameValues({ domains }: SiteSettings) {
  const [canonical = "", ...others] = domains;
  return {
    domain: canonical,
    names: domains.join(" "),
    // The list of https-only sites demands that each name first leads to https at the same name.
    secureName: others.length > 0 ? "$host" : canonical,
  };
}

/** Each redirect closes its connection, because the client goes on at another name, and so that a reload resets none. */
function redirectFor({ domains, otherDomains }: SiteSettings): readonly string[] {
  const [canonical = "", ...others] = domains;
  if (others.length === 0 || otherDomains === "serve") return [];
  return [
    `if ($host != ${canonical}) {`,
    "    return 420;",
    "}",
    "error_page 420 = @canonical;",
    "location @canonical {",
    "    keepalive_timeout 0;",
    `    return 308 https://${canonical}$request_uri;`,
    "}",
  ];
}

/** A server of a cluster that is off answers nothing, not even a refusal. */
const connectLimit = "proxy_connect_timeout 2s;";

/** Lines that depend on the certificate, the version of nginx and the owner's choices. */
const optionsFor = (settings: SiteSettings): readonly string[] => [
  ...(settings.place ? [connectLimit] : []),
  ...staplingFor(settings),
  ...keepAliveFor(settings.nginxVersion),
  ...earlyHintsFor(settings.nginxVersion),
  ...trustedProxies(settings.trustedProxies),
  ...hstsFor(settings),
  ...redirectFor(settings),
];

/** Values for the template of the site: https passes requests to the app, http redirects to https. */
export function siteValues(settings: SiteSettings) {
  const { app, certificate, uploadLimit, healthPath } = settings;
  const { statement, proxyDirectives } = contentSecurityPolicy(settings.contentSecurityPolicy, settings.connectSources);
  const { forSite, forHealth } = accessDirectives(app, settings.access);
  return {
    app,
    certificate,
    uploadLimit,
    healthPath,
    webroot,
    policy: statement,
    headers: headersSnippet[settings.headers],
    proxies: indented(trustedProxies(settings.trustedProxies)),
    options: indented([...optionsFor(settings), ...forSite]),
    healthAccess: forHealth.map((line) => `        ${line}\n`).join(""),
    proxyPolicy: indented(proxyDirectives),
    keptAssets: indented(keptAssets(app, settings.keepAssets, settings.headers === "app")),
    ...nameValues(settings),
    ...peerUpstreams(app, settings.place),
    ...challengeValues(settings.place, "    "),
    ...limitValues(settings),
    ...http2For(settings.nginxVersion),
  };
}
