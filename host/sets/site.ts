import type { Entry } from "../file-set/inputs";
import { siteValues, type SiteSettings } from "../nginx/configuration";
import { rootfs } from "../rootfs";
import { reloadNginx, servesCertificateOnDisk } from "./nginx";

/** The app's site: its server blocks, the link that enables them, the link to its certificate. */
export const siteEntries = (settings: SiteSettings): Record<string, Entry> => ({
  ...rootfs("site", siteValues(settings)),
  [`/etc/nginx/sites-enabled/${settings.app}.conf`]: {
    kind: "link",
    target: `../sites-available/${settings.app}.conf`,
  },
  [`/opt/${settings.app}/certs`]: { kind: "link", target: `/etc/letsencrypt/live/${settings.certificate}` },
});

/** How a change of the site is validated and put in force. */
export const siteCommands = (domain: string) => ({
  validate: [["nginx", "-t"]],
  activate: [reloadNginx],
  inForce: [servesCertificateOnDisk(domain)],
});
