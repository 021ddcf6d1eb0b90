import type { Entry } from "../file-set/inputs";
import { siteValues, webroot, type SiteSettings } from "../nginx/configuration";
import { listenValues, taskSocket, type ClusterPlace } from "../nginx/peers";
import { rootfs } from "../rootfs";
import { reloadNginx, servesCertificateOnDisk } from "./nginx";

/** The site as the other servers of a cluster see it. */
const peerSite = ({ app, domains, uploadLimit }: SiteSettings, place: ClusterPlace): Record<string, Entry> =>
  rootfs("cluster-site", {
    ...{ app, names: domains.join(" "), uploadLimit, webroot, ownSocket: taskSocket(app) },
    ...listenValues(place),
  });

/** The app's site: its server blocks, the link that enables them, the link to its certificate. */
export const siteEntries = (settings: SiteSettings): Record<string, Entry> => ({
  ...rootfs("site", siteValues(settings)),
  [`/etc/nginx/sites-enabled/${settings.app}.conf`]: {
    kind: "link",
    target: `../sites-available/${settings.app}.conf`,
  },
  ...(settings.place && settings.place.peers.length > 0 && peerSite(settings, settings.place)),
  [`/opt/${settings.app}/certs`]: { kind: "link", target: `/etc/letsencrypt/live/${settings.certificate}` },
});

/** How a change of the site is validated and put in force. */
export const siteCommands = (domain: string) => ({
  validate: [["nginx", "-t"]],
  activate: [reloadNginx],
  inForce: [servesCertificateOnDisk(domain)],
});
