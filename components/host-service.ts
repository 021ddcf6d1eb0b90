import type { ServerConfig } from "./stack-config";
import { proxyNetworks } from "../host/nginx/trusted-proxies";
import type { FirewallSettings, HostService } from "../host/sets/firewall";
import { gatewayOf } from "../host/rollout/release-address";

/** Name of the server for its containers. */
export const hostName = "host.docker.internal";

/** The server's own Ollama, if OLLAMA_BASE_URL names `host.docker.internal`. Any other address needs no rule. */
export function hostServiceOf({
  environment,
  network: { subnet },
}: Pick<ServerConfig, "environment" | "network">): HostService | undefined {
  const base = environment["OLLAMA_BASE_URL"];
  const url = base !== undefined && URL.canParse(base) ? new URL(base) : undefined;
  if (url?.hostname !== hostName) return undefined;
  return { subnet, gateway: gatewayOf(subnet), port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

/** Rules of the firewall for this app. */
export const firewallOf = (
  config: Pick<ServerConfig, "app" | "environment" | "host" | "network" | "site">,
): FirewallSettings => ({
  app: config.app.name,
  subnet: config.network.subnet,
  connectionsPerAddress: config.site.connectionsPerAddress,
  trustedProxies: proxyNetworks(config.site.trustedProxies),
  service: hostServiceOf(config),
  allow: config.host.allow,
});
