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
      `${adoptCommand(expected, "nginx")}   replaces nginx.conf; only sites-enabled/*.conf go on being served`,
    ),
  ];
}

export const sameNames = (inventory: Inventory, { domain }: Expectations): Problem[] =>
  inventory["nginx-name"]
    .filter(({ file, names }) => names.includes(domain) && !isOurs(inventory, file))
    .map(({ file }) =>
      problem(`${file} already serves ${domain}`, `remove the site: rm ${file} && systemctl reload nginx`),
    );
