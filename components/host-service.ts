import type { StackConfig } from "./stack-config";
import type { HostService } from "../host/sets/firewall";
import { gatewayOf } from "../host/rollout/release-address";

/** By this name a container finds the host it runs on. */
export const hostName = "host.docker.internal";

/** The host's own Ollama: where OLLAMA_BASE_URL leads to `host.docker.internal`. Anywhere else is no business of the host's. */
export function hostServiceOf({
  environment,
  network: { subnet },
}: Pick<StackConfig, "environment" | "network">): HostService | undefined {
  const base = environment["OLLAMA_BASE_URL"];
  const url = base !== undefined && URL.canParse(base) ? new URL(base) : undefined;
  if (url?.hostname !== hostName) return undefined;
  return { subnet, gateway: gatewayOf(subnet), port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}
