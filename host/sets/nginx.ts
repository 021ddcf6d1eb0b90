import { sharedValues, webroot, type TlsPolicy } from "../nginx/configuration";
import { rootDirectory, rootfs } from "../rootfs";
import { running, scriptFolder, type FileSetSpec } from "./file-set-spec";

/** Puts a change of nginx's files in force without losing a request. */
export const reloadNginx = [`${scriptFolder}/nginx-reload`];

/** Succeeds while nginx serves a domain's certificate as it is on disk. */
export const servesCertificateOnDisk = (domain: string): string[] => [`${scriptFolder}/nginx-in-force`, domain];

/** nginx itself, which all sites of a server share: its configuration, the ACME webroot, the hook after a renewal. */
export const nginxSet = (tls: TlsPolicy): FileSetSpec => ({
  entries: {
    ...rootfs("nginx", sharedValues(tls)),
    "/etc/nginx/sites-enabled/default": { kind: "absent" },
    [webroot]: rootDirectory,
    // certbot makes these at its first run, which comes later.
    "/etc/letsencrypt/renewal-hooks": rootDirectory,
    "/etc/letsencrypt/renewal-hooks/deploy": rootDirectory,
  },
  units: { "nginx.service": running, "certbot.timer": running },
  validate: [["nginx", "-t"]],
  activate: [reloadNginx],
});
