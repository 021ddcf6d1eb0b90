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

/** A /16 of 10.0.0.0/8 that nothing on the server uses. */
function freeSubnet(used: readonly string[]): string {
  const candidates = Array.from({ length: 256 }, (_, index) => `10.${(213 + index) % 256}.0.0/16`);
  return candidates.find((candidate) => !used.some((subnet) => overlaps(candidate, subnet))) ?? "<a free /16>";
}

export function subnetProblems({ network, route }: Inventory, { app, subnet }: Expectations): Problem[] {
  const own = network.filter((one) => one.name === app && one.app === app).flatMap(({ subnets }) => subnets);
  const others = [
    ...network.filter((one) => one.app !== app).flatMap(({ name, subnets }) => subnets.map((used) => ({ used, name }))),
    ...route
      .filter(({ subnet: used }) => !own.includes(used))
      .map(({ subnet: used, device }) => ({ used, name: device })),
  ].filter(({ used }) => /^[\d.]+\/\d+$/.test(used));
  const clash = others.find(({ used }) => overlaps(used, subnet));
  const moved = own.find((used) => used !== subnet);
  return [
    ...(clash === undefined
      ? []
      : [
          problem(
            `the subnet ${subnet} overlaps ${clash.used} of ${clash.name}`,
            `pulumi config set --path network.subnet ${freeSubnet(others.map(({ used }) => used))}`,
          ),
        ]),
    ...(moved === undefined
      ? []
      : [
          problem(
            `the network of ${app} is ${moved}; the configuration says ${subnet}`,
            `pulumi config set --path network.subnet ${moved}`,
          ),
        ]),
  ];
}
