import * as docker from "@pulumi/docker";
import type { StackConfig } from "./stack-config";
import type { Connection } from "../host/connection";

/**
 * What Docker's ssh transport is told: trust exactly the pinned key, from no file of the laptop, and never ask.
 */
export function dockerSshOpts({ hostKey }: Connection): string[] {
  const options = {
    HostKeyAlias: "vps",
    KnownHostsCommand: `/bin/echo vps ${hostKey}`,
    UserKnownHostsFile: "/dev/null",
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ConnectTimeout: "20",
    ServerAliveInterval: "5",
    LogLevel: "ERROR",
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

type ProviderConfig = Pick<StackConfig, "connection" | "image" | "registryToken">;

/** How the registry is logged in to; nothing where the image is public. */
function registryAuth({ image, registryToken }: ProviderConfig): docker.types.input.ProviderRegistryAuth[] {
  const address = image.registry ?? image.repository.split("/")[0] ?? "";
  if (image.username === undefined) return image.registry === undefined ? [] : [{ address }];
  return [{ address, username: image.username, ...(registryToken && { password: registryToken }) }];
}

/** Docker on the VPS, and the registry as it is logged in to. Nothing is dialled until a resource needs it. */
export function dockerProvider(name: string, config: ProviderConfig): docker.Provider {
  const { host, port, user } = config.connection;
  const logins = registryAuth(config);
  return new docker.Provider(name, {
    host: `ssh://${user}@${host}:${port}`,
    sshOpts: dockerSshOpts(config.connection),
    ...(logins.length > 0 && { registryAuth: logins }),
  });
}
