import type { Connection } from "../connection";
import { jumpOf, type Jump } from "../connection";
import { identityOption } from "./identity-file";
import { commandLine } from "./quote";

type Target = Pick<Connection, "hostKey" | "identity">;

const ownOptions = (alias: string, { hostKey, identity }: Target): Record<string, string> => ({
  HostKeyAlias: alias,
  KnownHostsCommand: `/bin/echo ${alias} ${hostKey}`,
  UserKnownHostsFile: "/dev/null",
  GlobalKnownHostsFile: "/dev/null",
  StrictHostKeyChecking: "yes",
  BatchMode: "yes",
  ConnectTimeout: "20",
  ServerAliveInterval: "5",
  LogLevel: "ERROR",
  IdentityFile: identity === undefined ? "none" : identityOption(identity),
  ...(identity !== undefined && { IdentitiesOnly: "yes" }),
});

const words = (options: Readonly<Record<string, string>>): string[] => [
  "-Fnone",
  ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
];

/** The command that reaches the server through the jump host. ssh fills in `%h` and `%p`, the server. */
export const jumpCommand = (jump: Jump): string =>
  commandLine([
    "ssh",
    // The outer ssh replaces what follows a %; the inner one gets %% as %.
    ...words(ownOptions("jump", jump)).map((word) => word.replaceAll("%", "%%")),
    ...["-p", String(jump.port), "-W", "[%h]:%p", `${jump.user}@${jump.host}`],
  ]);

/**
 * Options for OpenSSH's client, so that it connects as this program does: it trusts only the pinned host keys, offers only
 * keys of the agent, reads no configuration of this machine, and never asks.
 */
export function clientOptions(connection: Connection): string[] {
  const jump = jumpOf(connection);
  return words({
    ...ownOptions("vps", connection),
    ...(jump !== undefined && { ProxyCommand: jumpCommand(jump) }),
  });
}
