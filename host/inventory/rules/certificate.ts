import type { Inventory } from "../inventory";
import { problem, type Expectations, type Problem } from "./problem";

export const lineageProblems = ({ lineage }: Inventory, { domain }: Expectations): Problem[] =>
  lineage
    .filter(({ name }) => name === domain || name.startsWith(`${domain}-00`))
    .flatMap(({ name, authenticator, live }) => {
      if (!live || authenticator === "") {
        return [problem(`certbot has only remains of the certificate ${name}`, `certbot delete --cert-name ${name}`)];
      }
      if (name !== domain || authenticator === "webroot") return [];
      return [
        problem(
          `certbot renews the certificate ${name} by "${authenticator}", which needs port 80 for itself`,
          `certbot delete --cert-name ${name}; the next \`pulumi up\` issues one that nginx renews`,
        ),
      ];
    });
