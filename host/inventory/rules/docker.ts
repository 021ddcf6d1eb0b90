import type { Inventory } from "../inventory";
import { problem, unless, type Problem } from "./problem";

export const dockerPackages = (inventory: Inventory): Problem[] =>
  unless(
    inventory.docker.package !== "snap",
    "Docker is installed as a snap, which reads its configuration elsewhere",
    "snap remove docker, and run `pulumi up` again: it installs Debian's package",
  );

/** The settings of daemon.json that this program writes. */
const ourDaemonKeys = ["icc", "live-restore", "log-driver", "no-new-privileges", "userland-proxy"];

function foreignDaemonKeys(text: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text || "{}");
    return typeof parsed === "object" && parsed !== null
      ? Object.keys(parsed).filter((key) => !ourDaemonKeys.includes(key))
      : undefined;
  } catch {
    return undefined;
  }
}

export function daemonProblems({ docker, owned }: Inventory): Problem[] {
  if (owned.some(({ path }) => path === "/etc/docker/daemon.json")) return [];
  const keys = foreignDaemonKeys(docker.daemonJson);
  if (keys === undefined) return [problem("/etc/docker/daemon.json is not valid JSON", "correct it by hand")];
  return unless(
    keys.length === 0,
    `/etc/docker/daemon.json sets ${keys.join(", ")}; this program would replace the file`,
    "remove these settings, if nothing needs them",
    "pulumi config set --path 'host.adopt[0]' docker   replaces the file; it comes back at `ops destroy`",
  );
}
