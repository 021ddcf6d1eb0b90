import type { SiteOptions, SiteSettings } from "../../host/nginx/configuration";

/** The owner's choices of a stack that sets none. */
export const siteOptions: SiteOptions = {
  contentSecurityPolicy: "static",
  connectSources: [],
  connectionsPerAddress: 1000,
  otherDomains: "redirect",
  headers: "ours",
  hsts: { includeSubDomains: false, preload: false },
  trustedProxies: [],
  keepAssets: {},
};

/** A site of the name `app`, on Debian 12. */
export const siteSettings = (app: string, domain: string, change: Partial<SiteSettings> = {}): SiteSettings => ({
  ...siteOptions,
  app,
  domains: [domain],
  certificate: domain,
  staples: false,
  uploadLimit: "100m",
  healthPath: "/api/health",
  nginxVersion: "1.22.1",
  ...change,
});
