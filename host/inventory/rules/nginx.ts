import { basename } from "node:path";
import type { Inventory } from "../inventory";
import { adoptCommand, problem, type Expectations, type Problem } from "./problem";

const mainFile = "/etc/nginx/nginx.conf";

const isOurs = ({ owned }: Inventory, file: string): boolean => owned.some(({ path }) => path === file);

const isPristine = (inventory: Inventory, file: string): boolean =>
  inventory["nginx-file"].some((one) => one.file === file && one.state === "pristine");

const foreignFiles = (inventory: Inventory): string[] =>
  inventory["nginx-file"]
    .map(({ file }) => file)
    .filter((file) => !isOurs(inventory, file) && !isPristine(inventory, file));

/** The file that nginx's words name, such as `... in /etc/nginx/nginx.conf:3`. Words about a certificate name none. */
const namedFile = (message: string): string => / in (\/\S+):\d+$/.exec(message)?.[1] ?? mainFile;

/** A broken file of ours is drift, which `pulumi up --refresh` repairs. */
export const brokenNginx = (inventory: Inventory): Problem[] =>
  inventory["nginx-broken"]
    .filter(({ message }) => !isOurs(inventory, namedFile(message)))
    .map(({ message }) =>
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
      `${adoptCommand(expected, "nginx")}   replaces nginx.conf; conf.d/*.conf and sites-enabled/* go on being served, with its TLS settings and time limits`,
    ),
  ];
}

/** Every address, as nginx prints it in `listen`. One address of several does not clash. */
const everyAddress = /^(?:(?:\*|0\.0\.0\.0|\[::\]):)?(80|443)$/;

/** nginx accepts one default server of a port, and this program's nginx.conf has it. */
export function otherDefaults(inventory: Inventory): Problem[] {
  const clashes = inventory["nginx-default"].filter(
    ({ file, listen }) => everyAddress.test(listen) && !isOurs(inventory, file) && !isPristine(inventory, file),
  );
  const files = [...new Set(clashes.map(({ file }) => file))];
  return files.map((file) =>
    problem(
      `${file} has the default server, and so has this program's nginx.conf, which answers no unknown name`,
      `remove the word: sed -i 's/ default_server//' $(readlink -f ${file}) && nginx -t && systemctl reload nginx`,
    ),
  );
}

const debianDefault = "/etc/nginx/sites-enabled/default";

/** The program removes Debian's example from this path. A site of the owner there would go with it. */
export const siteAsDefault = (inventory: Inventory): Problem[] =>
  foreignFiles(inventory)
    .filter((file) => file === debianDefault)
    .map((file) =>
      problem(
        `${file} is not Debian's example any more, and this program removes that file`,
        `give it another name: mv ${file} ${file}-site && nginx -t && systemctl reload nginx`,
      ),
    );

/** Whether an owner is this app under the name that it had before its rename. Both sites lead to the same release. */
const isFormerSelf = ({ renamed }: Inventory, holder: string, { app, owner }: Expectations): boolean =>
  renamed.some(({ app: former, to }) => to === app && holder === `${owner.slice(0, -app.length)}${former}`);

/** The other app of this program that a file belongs to. A set of an earlier version names no owner, but its files do. */
function otherApp(inventory: Inventory, file: string, expected: Expectations): string | undefined {
  const { app, owner } = expected;
  const holder = inventory.owned.find(({ path }) => path === file)?.owner;
  if (holder === undefined || holder === owner || isFormerSelf(inventory, holder, expected)) return undefined;
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
