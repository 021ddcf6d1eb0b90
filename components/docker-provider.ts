import * as docker from "@pulumi/docker";
import type { StackConfig } from "./stack-config";
import { clientOptions } from "../host/ssh/client-options";
import { writeIdentityFiles } from "../host/ssh/identity-file";

type RegistryLogin = docker.types.input.ProviderRegistryAuth;
type ProviderConfig = Pick<StackConfig, "connection" | "registryToken"> & {
  readonly image: Pick<StackConfig["image"], "repository" | "registry" | "username">;
};

/**
 * The registry's login; empty when the image is public. A registry without a login needs `authDisabled`: the docker plugin
 * reads ~/.docker/config.json otherwise, and fails when that file does not exist.
 */
export function registryLogins({ image, registryToken }: Omit<ProviderConfig, "connection">): RegistryLogin[] {
  const address = image.registry ?? image.repository.split("/")[0] ?? "";
  if (image.username === undefined) return image.registry === undefined ? [] : [{ address, authDisabled: true }];
  return [{ address, username: image.username, ...(registryToken && { password: registryToken }) }];
}

/** The server's Docker, with the registry's login. It connects when a resource needs it first, so a preview needs no server. */
export function dockerProvider(name: string, config: ProviderConfig): docker.Provider {
  const { host, port, user } = config.connection;
  writeIdentityFiles(config.connection);
  const logins = registryLogins(config);
  return new docker.Provider(name, {
    host: `ssh://${user}@${host}:${port}`,
    sshOpts: clientOptions(config.connection),
    // Without this input the plugin takes DOCKER_CONTEXT, ignores `host` and works on the Docker of this machine.
    context: "",
    ...(logins.length > 0 && { registryAuth: logins }),
  });
}
