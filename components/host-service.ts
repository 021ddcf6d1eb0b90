import { isForApp, type Variables } from "../config/variables";
import type { ServerConfig } from "./stack-config";
import type { ClusterPlace } from "../host/nginx/peers";
import { proxyNetworks } from "../host/nginx/trusted-proxies";
import type { FirewallSettings, HostService } from "../host/sets/firewall";
import { gatewayOf } from "../host/rollout/release-address";

/** Name of the server for its containers. */
export const hostName = "host.docker.internal";

const urlOf = (text: string | undefined): URL | undefined =>
  text !== undefined && URL.canParse(text) ? new URL(text) : undefined;

/** The first variable in plain text whose URL names the server. */
const hostUrlOf = (variables: Variables): URL | undefined =>
  Object.values(variables)
    .filter(isForApp)
    .map(({ default: text }) => urlOf(text))
    .find((url) => url?.hostname === hostName);

/** The server's own service, such as a database, if a variable names it with `host.docker.internal`. No other address needs a rule. */
export function hostServiceOf({
  variables,
  network: { subnet },
}: Pick<ServerConfig, "variables" | "network">): HostService | undefined {
  const url = hostUrlOf(variables);
  if (url === undefined) return undefined;
  return { subnet, gateway: gatewayOf(subnet), port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

/** Rules of the firewall for this app, on one server or on a server of a cluster. */
export const firewallOf = (
  config: Pick<ServerConfig, "app" | "variables" | "host" | "network" | "site">,
  place?: ClusterPlace,
): FirewallSettings => ({
  app: config.app.name,
  subnet: config.network.subnet,
  connectionsPerAddress: config.site.connectionsPerAddress,
  trustedProxies: proxyNetworks(config.site.trustedProxies),
  service: hostServiceOf(config),
  allow: config.host.allow,
  peers: place?.peers,
  opensOthers: config.host.adopt.includes("firewall"),
});
