import { sharedValues, webroot, type TlsPolicy } from "../nginx/configuration";
import { listenValues, peerServers, type ClusterPlace } from "../nginx/peers";
import { rootDirectory, rootfs } from "../rootfs";
import { reloadSystemd, running, scriptFolder, type FileSetSpec } from "./file-set-spec";

/** Makes nginx use changed files, without a lost request. */
export const reloadNginx = [`${scriptFolder}/nginx-reload`];

/** Only this setting: the service would set again whatever the owner has changed for the moment. */
const applySysctl = ["/lib/systemd/systemd-sysctl", "--prefix=net.ipv4.tcp_tw_reuse"];

/** Succeeds while nginx serves a domain's certificate as it is on the disk. */
export const servesCertificateOnDisk = (domain: string): string[] => [`${scriptFolder}/nginx-in-force`, domain];

/** nginx itself, which all sites of a server share: its configuration, the ACME webroot, the hook after a renewal. */
export const nginxSet = (tls: TlsPolicy, place?: ClusterPlace): FileSetSpec => ({
  sharing: "equal",
  entries: {
    ...rootfs("nginx", sharedValues(tls, place)),
    ...(place && rootfs("cluster", { webroot, peers: peerServers(place), ...listenValues(place) })),
    "/etc/nginx/sites-enabled/default": { kind: "absent" },
    [webroot]: rootDirectory,
    "/etc/systemd/system/nginx.service.d": rootDirectory,
    "/etc/systemd/system/logrotate.timer.d": rootDirectory,
    // certbot creates these directories at its first run, which is later.
    "/etc/letsencrypt/renewal-hooks": rootDirectory,
    "/etc/letsencrypt/renewal-hooks/deploy": rootDirectory,
  },
  units: { "nginx.service": running, "certbot.timer": running },
  validate: [["nginx", "-t"]],
  activate: [reloadSystemd, applySysctl, reloadNginx],
});
