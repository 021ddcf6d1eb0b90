import type { Inventory } from "./inventory";
import { lineageProblems } from "./rules/certificate";
import { daemonProblems, dockerPackages } from "./rules/docker";
import { cutServices, firewallProblems } from "./rules/firewall";
import { movedApp, movedData, movedDomain, renamedApp } from "./rules/identity";
import { brokenNginx, foreignSites, otherDefaults, sameNames, siteAsDefault } from "./rules/nginx";
import { nameProblems, sharedProblems } from "./rules/owner";
import { portProblems } from "./rules/ports";
import { unless, type Expectations, type Problem, type Rule } from "./rules/problem";
import { subnetProblems } from "./rules/subnet";
import { clockProblems, diskProblems, memoryProblems, systemProblems } from "./rules/system";

const rules: readonly Rule[] = [
  { severity: "impossible", find: systemProblems },
  { severity: "impossible", find: clockProblems },
  { severity: "impossible", find: memoryProblems },
  { severity: "impossible", find: diskProblems },
  { severity: "impossible", find: nameProblems },
  { severity: "impossible", find: renamedApp },
  { severity: "impossible", find: movedApp },
  { severity: "impossible", find: movedData },
  { severity: "impossible", find: movedDomain },
  { severity: "impossible", find: portProblems },
  { severity: "impossible", find: dockerPackages },
  { severity: "impossible", find: brokenNginx },
  { severity: "impossible", find: sameNames },
  { severity: "impossible", find: otherDefaults },
  { severity: "impossible", find: siteAsDefault },
  { severity: "impossible", find: subnetProblems },
  { severity: "impossible", find: lineageProblems },
  { severity: "owner decides", adopt: "shared", find: sharedProblems },
  { severity: "owner decides", adopt: "docker", find: daemonProblems },
  { severity: "owner decides", adopt: "nginx", find: foreignSites },
  { severity: "owner decides", adopt: "firewall", find: firewallProblems },
  { severity: "owner decides", adopt: "firewall", find: cutServices },
];

const noiseProblem = (noise: string): Problem[] =>
  unless(
    noise === "",
    `the login shell prints "${noise.split("\n")[0] ?? ""}" before each command, which breaks Docker's connection`,
    "print only in interactive shells: case $- in *i*) ;; *) return ;; esac   at the top of ~/.bashrc",
  );

/** Every reason not to touch the server, worst first: what is impossible, then what its owner decides. */
export function findProblems(inventory: Inventory, noise: string, expected: Expectations): readonly Problem[] {
  const open = rules.filter(({ adopt }) => adopt === undefined || !expected.adopt.includes(adopt));
  const of = (severity: Rule["severity"]): Problem[] =>
    open.filter((rule) => rule.severity === severity).flatMap(({ find }) => find(inventory, expected));
  return [...noiseProblem(noise), ...of("impossible"), ...of("owner decides")];
}

/** One problem as lines of a report. */
export const renderProblem = ({ fact, choices }: Problem): string =>
  [fact, ...choices.map((choice) => `  - ${choice}`)].join("\n      ");
