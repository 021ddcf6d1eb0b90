import type { Inventory } from "../inventory";
import { adoptCommand, problem, type Expectations, type Problem } from "./problem";

const appOf = (owner: string): string => owner.split("/").at(-1) ?? "";

/** Another stack's app with the name of this one. */
export function nameProblems({ owned }: Inventory, { app, owner }: Expectations): Problem[] {
  const others = new Set(owned.map((one) => one.owner).filter((other) => appOf(other) === app && other !== owner));
  return [...others].map((other) =>
    problem(
      `the app ${app} on this server belongs to ${other} (project/stack/app); this stack is ${owner}`,
      "pulumi config set --path app.name <another name>",
      "or deploy with the project and stack that own it",
    ),
  );
}

/** Shared files and units for which another app wants other content. */
export function sharedProblems({ shared }: Inventory, expected: Expectations): Problem[] {
  const { owner, claims } = expected;
  const differing = shared.filter(
    ({ held, owner: other, sha256 }) => other !== owner && claims[held] !== undefined && claims[held] !== sha256,
  );
  return [...new Set(differing.map((one) => one.owner))].map((other) => {
    const held = differing.filter((one) => one.owner === other).map((one) => one.held.replace(/^(path|unit) /, ""));
    return problem(
      `${owner} and ${other} share this server and want different content for ${held.join(", ")}`,
      "give both stacks the same settings (site.tls, host.port, the type of host.hostKey) and the same version of this program",
      `${adoptCommand(expected, "shared")}   replaces it for all apps; then the other stack has to agree`,
    );
  });
}
