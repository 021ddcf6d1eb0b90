import type { StackValidationArgs } from "@pulumi/policy";
import * as kinds from "./kinds";
import { fact, stackRule } from "./rule";

/** The units that a stack with a resource of a type needs, by the end of their names. */
const unitsByType: Readonly<Record<string, readonly string[]>> = {
  [kinds.container.type]: ["vps-firewall.service"],
  [kinds.certificate.type]: ["nginx.service", "certbot.timer"],
  [kinds.bucket.type]: ["-backup.timer"],
};

const unitsOf = (stack: StackValidationArgs): [name: string, isRunning: boolean][] =>
  kinds
    .resourcesOf(stack, kinds.fileSet)
    .flatMap(({ props }) => Object.entries(props.units ?? {}))
    .map(([name, { enabled, active }]) => [name, enabled && active]);

const isNeeded = (stack: StackValidationArgs, type: string): boolean =>
  stack.resources.some((resource) => resource.type === type);

export const requiredUnits = stackRule({
  name: "required-units",
  why: "The units that keep the site alive run and start at boot: the firewall, nginx, the renewal of the certificate and the daily backup. A missing one is noticed weeks later",
  source: "docs/data-model.md sections 4 and 6",
  fix: "give a FileSet this unit, with enabled and active set to true",
  *facts(stack) {
    for (const [type, names] of Object.entries(unitsByType)) {
      for (const name of isNeeded(stack, type) ? names : []) {
        yield fact(
          `unit ${name.startsWith("-") ? `<app>${name}` : name}`,
          () => unitsOf(stack).find(([unit]) => unit.endsWith(name))?.[1],
        );
      }
    }
  },
  holds: (isRunning) => isRunning === true,
  show: (isRunning) => (isRunning === undefined ? "not set" : "not enabled and active"),
});
