import { docker } from "./docker";
import { subnetCandidates } from "./settings";

/** Every part of a world carries this label, with the world's name. */
export const worldLabel = (name: string): string => `memoryloop.rehearsal.world=${name}`;

export const volumeName = (name: string, what: string): string => `${name}-${what}`;

/** The words after `docker create` for a volume of the world, labelled like every part of it. */
export const worldVolume = (name: string, what: string, target: string): readonly string[] => [
  "--mount",
  `type=volume,source=${volumeName(name, what)},target=${target},volume-label=${worldLabel(name)}`,
];

export const hosts = {
  registry: "registry.rehearsal.internal",
  acme: "acme.rehearsal.internal",
  b2: "b2.rehearsal.internal",
} as const;

/** Where the parts of the world are on its own network; fixed, so that a restart of one does not move it. */
export interface Addresses {
  readonly vps: string;
  readonly registry: string;
  readonly acme: string;
  readonly b2: string;
  /** Addresses for the servers beside the VPS, if the world has a cluster. */
  readonly peers: readonly string[];
}

/** The addresses within a subnet `a.b.c.0/24`. */
export function addressesIn(subnet: string): Addresses {
  const prefix = subnet.slice(0, subnet.lastIndexOf(".") + 1);
  return {
    vps: `${prefix}2`,
    registry: `${prefix}3`,
    acme: `${prefix}4`,
    b2: `${prefix}5`,
    peers: [`${prefix}12`, `${prefix}13`],
  };
}

const subnetOf = (name: string): Promise<string> =>
  docker(["network", "ls", "--quiet", "--filter", `name=^${name}$`]).then((id) =>
    id === "" ? "" : docker(["network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", id]),
  );

async function createNetwork(name: string): Promise<string> {
  for (const subnet of subnetCandidates(name)) {
    try {
      await docker(["network", "create", "--label", worldLabel(name), "--subnet", subnet, name]);
      return subnet;
    } catch (error) {
      if (!String(error).includes("overlaps")) throw error;
    }
  }
  throw new Error(`no free subnet is left for the world ${name}: \`docker network ls\` shows what takes them`);
}

/** The world's own network. Safe to repeat. */
export async function ensureNetwork(name: string): Promise<Addresses> {
  const existing = await subnetOf(name);
  return addressesIn(existing === "" ? await createNetwork(name) : existing);
}
