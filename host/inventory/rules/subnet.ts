import type { Inventory } from "../inventory";
import { problem, type Expectations, type Problem } from "./problem";

const octets = (subnet: string): readonly number[] => subnet.split(/[./]/).map(Number);

/** Whether two IPv4 networks in CIDR form share an address. */
export function overlaps(left: string, right: string): boolean {
  const [a, b] = [octets(left), octets(right)];
  const bits = Math.min(a[4] ?? 32, b[4] ?? 32);
  const number = (parts: readonly number[]): number => parts.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0);
  return Math.floor(number(a) / 2 ** (32 - bits)) === Math.floor(number(b) / 2 ** (32 - bits));
}

/** Every /16 of 10.0.0.0/8. The first one is the subnet that this program has always taken. */
const candidates = Array.from({ length: 256 }, (_, index) => `10.${(213 + index) % 256}.0.0/16`);

/** The subnet for a server that nobody has looked at. */
export const usualSubnet = "10.213.0.0/16";

/** Every Swarm has this network. It takes its addresses from those of the cluster, and no route of a server leads to it. */
const ofSwarm = "ingress";

/** The subnets of the app's own network, and those that anything else on the server uses. */
function subnetsOf({ network: all, route }: Inventory, app: string) {
  const network = all.filter(({ name }) => name !== ofSwarm);
  const own = network.filter((one) => one.name === app && one.app === app).flatMap(({ subnets }) => subnets);
  const others = [
    ...network.filter((one) => one.app !== app).flatMap(({ name, subnets }) => subnets.map((used) => ({ used, name }))),
    ...route
      .filter(({ subnet: used }) => !own.includes(used))
      .map(({ subnet: used, device }) => ({ used, name: device })),
  ].filter(({ used }) => /^[\d.]+\/\d+$/.test(used));
  return { own, others };
}

const firstFree = (wanted: readonly string[], others: readonly { readonly used: string }[]): string | undefined =>
  wanted.find((candidate) => !others.some(({ used }) => overlaps(candidate, used)));

/**
 * The subnet of the app's network: its present subnet; else the configured subnet; else the last subnet of the stack, if
 * it is free; else a free one.
 */
export function chooseSubnet(
  inventory: Inventory,
  { app, subnet, lastSubnet }: Pick<Expectations, "app" | "subnet"> & { readonly lastSubnet?: string | undefined },
): string {
  const { own, others } = subnetsOf(inventory, app);
  const free = firstFree([...(lastSubnet === undefined ? [] : [lastSubnet]), ...candidates], others);
  return own[0] ?? subnet ?? free ?? usualSubnet;
}

export function subnetProblems(inventory: Inventory, { app, subnet }: Expectations): Problem[] {
  const { own, others } = subnetsOf(inventory, app);
  if (subnet === undefined) return noFreeSubnet(own, others);
  const clash = others.find(({ used }) => overlaps(used, subnet));
  const moved = own.find((used) => used !== subnet);
  return [
    ...(clash === undefined
      ? []
      : [
          problem(
            `the subnet ${subnet} overlaps ${clash.used} of ${clash.name}`,
            `pulumi config set --path network.subnet ${firstFree(candidates, others) ?? "<a free /16>"}`,
            "pulumi config rm --path network.subnet   lets the program choose a free one",
          ),
        ]),
    ...(moved === undefined
      ? []
      : [
          problem(
            `the network of ${app} is ${moved}; the configuration says ${subnet}`,
            `pulumi config set --path network.subnet ${moved}   keeps it`,
          ),
        ]),
  ];
}

const noFreeSubnet = (own: readonly string[], others: readonly { readonly used: string }[]): Problem[] =>
  own.length > 0 || firstFree(candidates, others) !== undefined
    ? []
    : [
        problem(
          "every /16 of 10.0.0.0/8 is in use on this server",
          "pulumi config set --path network.subnet 172.30.0.0/16   or another /16 that no route of the server uses",
        ),
      ];
