/**
 * Who says which scripts may run in a page.
 * - `static`: nginx, with inline scripts allowed, as pages that Next.js renders ahead of time need.
 * - `nonce`: nginx, with a nonce for each request that it tells the app; pages rendered ahead of time do not work.
 * - `app`: the app.
 */
export type ContentSecurityPolicyMode = "static" | "nonce" | "app";

/** How nginx states the policy. */
export interface PolicyConfiguration {
  /** Says in a server block which policy counts. */
  readonly statement: string;
  /** Where it passes requests on: what keeps the app's own header and nginx's from meeting. */
  readonly proxyDirectives: readonly string[];
}

const scriptSources = { static: "'unsafe-inline'", nonce: "'nonce-$request_id' 'strict-dynamic'" } as const;

const policyText = (mode: "static" | "nonce", connectSources: readonly string[]): string =>
  [
    "default-src 'self'",
    `script-src 'self' ${scriptSources[mode]}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src ${["'self'", ...connectSources].join(" ")}`,
    "form-action 'self'",
    "base-uri 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "upgrade-insecure-requests",
  ].join("; ");

/**
 * The content security policy of a site.
 * @param connectSources origins beside its own that a page may fetch from, such as an error collector.
 */
export function contentSecurityPolicy(
  mode: ContentSecurityPolicyMode,
  connectSources: readonly string[],
): PolicyConfiguration {
  const hide = "proxy_hide_header Content-Security-Policy;";
  const set = (scripts: keyof typeof scriptSources) =>
    `set $content_security_policy "${policyText(scripts, connectSources)}";`;
  switch (mode) {
    case "static":
      return { statement: set(mode), proxyDirectives: [hide] };
    case "nonce":
      // Next.js takes the nonce from the policy of the request.
      return {
        statement: set(mode),
        proxyDirectives: [hide, "proxy_set_header Content-Security-Policy $content_security_policy;"],
      };
    case "app":
      // nginx's own answers have the policy of nginx.conf.
      return { statement: "proxy_pass_header Content-Security-Policy;", proxyDirectives: [] };
    default:
      return mode satisfies never;
  }
}
