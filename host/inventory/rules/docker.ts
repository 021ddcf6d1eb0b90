import type { Inventory } from "../inventory";
import { daemonSettings } from "../../sets/docker";
import { adoptCommand, problem, unless, type Expectations, type Problem } from "./problem";

export const dockerPackages = (inventory: Inventory): Problem[] =>
  unless(
    inventory.docker.package !== "snap",
    "Docker is installed as a snap, which reads its configuration elsewhere",
    "snap remove docker, and run `pulumi up` again: it installs Debian's package",
  );

const file = "/etc/docker/daemon.json";

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text || "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Settings of others stay. Only a setting that this program needs with another value is a question. */
export function daemonProblems({ docker, owned }: Inventory, expected: Expectations): Problem[] {
  if (owned.some(({ path }) => path === file)) return [];
  const found = parsed(docker.daemonJson);
  if (found === undefined) return [problem(`${file} is not a JSON object`, "correct it by hand")];
  const clashes = Object.entries(daemonSettings())
    .filter(([key, ours]) => found[key] !== undefined && JSON.stringify(found[key]) !== JSON.stringify(ours))
    .map(([key, ours]) => `${key} to ${JSON.stringify(found[key])}, and this program needs ${JSON.stringify(ours)}`);
  return unless(
    clashes.length === 0,
    `${file} sets ${clashes.join("; ")}`,
    "remove these settings, if nothing needs them",
    `${adoptCommand(expected, "docker")}   replaces these values; all other settings stay, and \`ops destroy\` restores the file`,
  );
}
