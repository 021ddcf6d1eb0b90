import { basename } from "node:path";
import type { Inventory } from "../inventory";
import { adoptCommand, problem, type Expectations, type Problem } from "./problem";

const isOurs = ({ owned }: Inventory, file: string): boolean => owned.some(({ path }) => path === file);

const isPristine = (inventory: Inventory, file: string): boolean =>
  inventory["nginx-file"].some((one) => one.file === file && one.state === "pristine");

const foreignFiles = (inventory: Inventory): string[] =>
  inventory["nginx-file"]
    .map(({ file }) => file)
    .filter((file) => !isOurs(inventory, file) && !isPristine(inventory, file));

export const brokenNginx = (inventory: Inventory): Problem[] =>
  inventory["nginx-broken"].map(({ message }) =>
    problem(`nginx refuses its configuration: ${message}`, "correct it by hand; nginx -t shows when it is right"),
  );

export function foreignSites(inventory: Inventory, expected: Expectations): Problem[] {
  const files = foreignFiles(inventory);
  if (files.length === 0) return [];
  const names = inventory["nginx-name"].filter(({ file }) => files.includes(file)).flatMap((one) => one.names);
  const serving = names.length > 0 ? `, which serve ${[...new Set(names)].join(", ")}` : "";
  return [
    problem(
      `nginx has files of others: ${files.join(", ")}${serving}`,
      "move these sites to another server",
      `${adoptCommand(expected, "nginx")}   replaces nginx.conf; only sites-enabled/*.conf go on being served`,
    ),
  ];
}

/** The other app of this program that a file belongs to. A set of an earlier version names no owner, but its files do. */
function otherApp({ owned }: Inventory, file: string, { app, owner }: Expectations): string | undefined {
  const holder = owned.find(({ path }) => path === file)?.owner;
  if (holder === undefined || holder === owner) return undefined;
  if (holder !== "") return holder;
  const name = basename(file, ".conf");
  return name === app ? undefined : name;
}

function clash(inventory: Inventory, file: string, name: string, expected: Expectations): Problem[] {
  const other = otherApp(inventory, file, expected);
  if (other !== undefined)
    return [
      problem(
        `${name} is already a name of ${other} on this server`,
        "remove it from app.domains of one of the two stacks, and update that stack first",
      ),
    ];
  if (isOurs(inventory, file)) return [];
  return [problem(`${file} already serves ${name}`, `remove the site: rm ${file} && systemctl reload nginx`)];
}

/** Sites of others, and of other apps, that answer to a name of this app. nginx would serve only one of them. */
export const sameNames = (inventory: Inventory, expected: Expectations): Problem[] =>
  inventory["nginx-name"].flatMap(({ file, names }) =>
    expected.domains
      .filter((domain) => names.some((name) => name.toLowerCase() === domain))
      .flatMap((domain) => clash(inventory, file, domain, expected)),
  );
