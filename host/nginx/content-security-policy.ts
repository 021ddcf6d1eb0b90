/**
 * Which program sets the content security policy.
 * - `static`: nginx, and inline scripts are allowed. Pages that Next.js renders at build time need this.
 * - `nonce`: nginx, with a new nonce for each request, which the app receives. Pages rendered at build time do not work.
 * - `app`: the app.
 */
export type ContentSecurityPolicyMode = "static" | "nonce" | "app";

/** nginx directives for the policy. */
export interface PolicyConfiguration {
  /** Sets the policy of a server block. */
  readonly statement: string;
  /** For requests to the app. They prevent a second header from the app. */
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
 * @param connectSources other origins that a page may fetch from, such as an error collector.
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
      // Next.js reads the nonce from the policy header of the request.
      return {
        statement: set(mode),
        proxyDirectives: [hide, "proxy_set_header Content-Security-Policy $content_security_policy;"],
      };
    case "app":
      // The responses of nginx itself have the policy of nginx.conf.
      return { statement: "proxy_pass_header Content-Security-Policy;", proxyDirectives: [] };
    default:
      return mode satisfies never;
  }
}
