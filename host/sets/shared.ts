import type { Connection } from "../connection";
import { claimsOf, type Claims } from "../file-set/claims";
import { fileSetInputsSchema } from "../file-set/inputs";
import { usualSubnet } from "../inventory/rules/subnet";
import type { TlsPolicy } from "../nginx/configuration";
import { dockerSet } from "./docker";
import type { FileSetSpec } from "./file-set-spec";
import { appFirewall, firewallSet } from "./firewall";
import { nginxSet } from "./nginx";
import { scriptsSet } from "./scripts";
import { sshdSet } from "./sshd";
import { upkeepSet } from "./upkeep";

export interface SharedSettings {
  readonly app: string;
  readonly connection: Connection;
  readonly tls: TlsPolicy;
}

const parts = fileSetInputsSchema.pick({ entries: true, units: true });

/** The shared part of the firewall. It is the same for every subnet and limit. */
function sharedFirewall({ app, connection }: SharedSettings): FileSetSpec {
  const settings = { app, subnet: usualSubnet, connectionsPerAddress: 1, allow: [] };
  const { entries, ...rest } = firewallSet(connection, settings);
  return {
    ...rest,
    entries: Object.fromEntries(Object.entries(entries).filter(([path]) => path !== appFirewall(app))),
  };
}

/** The content that an app wants for the files and units that all apps of a server share. */
export const sharedClaims = (settings: SharedSettings): Claims =>
  claimsOf(
    [
      scriptsSet(),
      dockerSet(),
      sharedFirewall(settings),
      sshdSet(settings.connection),
      upkeepSet(),
      nginxSet(settings.tls),
    ].map((set) => parts.parse(set)),
  );
