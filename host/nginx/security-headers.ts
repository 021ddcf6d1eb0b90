/** The security headers of a site, by name. OWASP's Secure Headers Project recommends these values. */
const headers: readonly (readonly [name: string, value: string])[] = [
  ["Strict-Transport-Security", "$strict_transport_security"],
  ["Content-Security-Policy", "$content_security_policy"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "deny"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
  ["X-DNS-Prefetch-Control", "off"],
  [
    "Permissions-Policy",
    "accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), sync-xhr=(self), usb=(), web-share=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(self), gamepad=(), hid=(), idle-detection=(), interest-cohort=(), serial=(), unload=()",
  ],
];

/** Its mode decides about this one: `site.contentSecurityPolicy`. */
const policyHeader = "Content-Security-Policy";

const shared = headers.filter(([name]) => name !== policyHeader);

const variable = (name: string): string => name.toLowerCase().replaceAll("-", "_");

const quoted = (value: string): string => (value.includes(" ") ? `"${value}"` : value);

const addHeader = (name: string, value: string): string => `add_header ${name} ${quoted(value)} always;\n`;

/** The value is empty, and the header is left out, where the app sends one. */
const mapUnlessApp = ([name, value]: readonly [string, string]): string =>
  `    map $upstream_http_${variable(name)} $${variable(name)}_unless_app {\n        '' ${quoted(value)};\n    }\n`;

/** Values for the templates of `rootfs/nginx`: the headers of every site, and those where the app sends none. */
export const headerValues = () => ({
  addHeaders: headers.map(([name, value]) => addHeader(name, value)).join(""),
  hideHeaders: shared.map(([name]) => `proxy_hide_header ${name};\n`).join(""),
  headerMaps: shared.map(mapUnlessApp).join(""),
  addHeadersUnlessApp: headers
    .map(([name, value]) => addHeader(name, name === policyHeader ? value : `$${variable(name)}_unless_app`))
    .join(""),
});
