import type * as docker from "@pulumi/docker";
import type { StackConfig } from "./config";

/** How the registry is logged in to, as Docker's plugin takes it; nothing where the image is public. */
export function registryAuth({
  image,
  registryToken,
}: StackConfig): docker.types.input.ProviderRegistryAuth | undefined {
  const address = image.registry ?? image.repository.split("/")[0] ?? "";
  if (image.username === undefined) return image.registry === undefined ? undefined : { address };
  return { address, username: image.username, ...(registryToken && { password: registryToken }) };
}
