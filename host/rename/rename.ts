import { HostError } from "../host-error";
import type { Inventory } from "../inventory/inventory";
import type { Problem } from "../inventory/rules/problem";
import { inspect, problemsOf, type PreflightArgs } from "../preflight/preflight";
import type { Command, Shell } from "../shell";

/** Both names of an app. They are equal when only the site gets another name. */
export interface Names {
  readonly former: string;
  readonly name: string;
}

const again = (name: string): string =>
  `correct this and run \`ops rename ${name}\` again: it continues where it ended`;

const command = (operation: string, script: Command["script"], { former, name }: Names): Command => ({
  operation,
  target: former,
  script,
  args: [former, name],
  timeoutSeconds: 120,
  hint: again(name),
});

/** Gives data, records and the active release the new name as well. Nothing stops. */
export const prepareRename = (names: Names): Command => command("prepare the rename of", "rename/prepare.sh", names);

/** Removes the rest of the former name, after the update. */
export const finishRename = (names: Names): Command => command("end the rename of", "rename/finish.sh", names);

const refused = (former: string, cause: string, hint: string): HostError =>
  new HostError({ operation: "rename", target: former, cause, hint });

/**
 * Both names, by the deployed name, the wanted name and the renames that the server has begun. After an interrupted
 * rename the deployed name can be either one.
 * @throws HostError when the server has begun another rename of the app.
 */
export function namesOf(deployed: string, name: string, renamed: Inventory["renamed"]): Names {
  const begun = renamed.find(({ app, to }) => app === deployed || to === deployed);
  if (begun === undefined) return { former: deployed, name };
  const { app: former, to } = begun;
  if (to === name) return { former, name };
  throw refused(former, `it is being renamed to ${to}`, `end that first: ops rename ${to}`);
}

/** The inventory with the rename as begun, so that the rules take the site of the former name as the app's own. */
const asBegun = (inventory: Inventory, { former, name }: Names): Inventory => ({
  ...inventory,
  renamed: [...inventory.renamed, { app: former, to: name }],
});

/** The result of the comparison with the server. */
export interface RenameExamination {
  readonly names: Names;
  /** Reasons not to begin, the worst first. */
  readonly problems: readonly Problem[];
}

/**
 * Compares the server with the stack as it will be. `args` have the new names; `deployed` is the app's name at the stack's last
 * update. Changes nothing.
 * @throws HostError when the server cannot be reached, or has begun another rename of the app.
 */
export async function examineRename(args: PreflightArgs, deployed: string, shell: Shell): Promise<RenameExamination> {
  const reading = await inspect(args, shell);
  const names = namesOf(deployed, args.app, reading.inventory.renamed);
  const inventory = asBegun(reading.inventory, names);
  return { names, problems: problemsOf({ ...reading, inventory }, args) };
}
