/** Networks of Cloudflare's proxies: https://www.cloudflare.com/ips, November 2026. They changed once in five years. */
const cloudflare: readonly string[] = [
  ...["173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18"],
  ...["190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13"],
  ...["104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"],
  ...["2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29"],
  "2c0f:f248::/32",
];

/** The networks that a list of proxies means. `cloudflare` stands for all of Cloudflare's. */
export const proxyNetworks = (proxies: readonly string[]): readonly string[] => [
  ...new Set(proxies.flatMap((proxy) => (proxy === "cloudflare" ? cloudflare : [proxy]))),
];

/**
 * nginx directives that replace the address of a trusted proxy by that of its client. Of X-Forwarded-For they take the
 * last address that is no trusted proxy, so a client cannot choose it. From other clients the header is ignored.
 */
export const trustedProxies = (proxies: readonly string[]): readonly string[] =>
  proxies.length === 0
    ? []
    : [
        ...proxyNetworks(proxies).map((network) => `set_real_ip_from ${network};`),
        "real_ip_header X-Forwarded-For;",
        "real_ip_recursive on;",
      ];
