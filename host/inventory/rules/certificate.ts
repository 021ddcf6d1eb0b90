import type { Inventory } from "../inventory";
import { problem, type Expectations, type Problem } from "./problem";

/** certbot deletes only what it has a renewal file of. */
const removal = (name: string, authenticator: string): string =>
  authenticator === ""
    ? `rm -r /etc/letsencrypt/live/${name} /etc/letsencrypt/archive/${name}`
    : `certbot delete --cert-name ${name}`;

/** A lineage that is renewed in another way than through nginx is no problem: the resource Certificate converts it. */
export const lineageProblems = ({ lineage }: Inventory, { domains: [domain = ""] }: Expectations): Problem[] =>
  lineage
    .filter(({ name }) => name === domain || name.startsWith(`${domain}-00`))
    .filter(({ authenticator, live }) => !live || authenticator === "")
    .map(({ name, authenticator }) =>
      problem(`certbot has only remains of the certificate ${name}`, `on the server: ${removal(name, authenticator)}`),
    );
