import type { Inventory } from "../inventory";
import { problem, type Expectations, type LastUpdate, type Problem } from "./problem";

const isOnServer = ({ app: apps }: Inventory, app: string): boolean => apps.some(({ name }) => name === app);

/** The server's id of the app's data; empty for an app of an earlier version, undefined where the app is not. */
export const identityOf = (inventory: Inventory, app: string): string | undefined =>
  inventory.identity.find((one) => one.app === app)?.id ?? (isOnServer(inventory, app) ? "" : undefined);

/** Apps of the same project and stack. File sets of an earlier version have no owner. */
function siblings(inventory: Inventory, { app, owner }: Expectations): string[] {
  const stack = owner.slice(0, -app.length);
  const isOfStack = (name: string): boolean =>
    inventory.owned.some((one) => one.path === `/opt/${name}` && ["", `${stack}${name}`].includes(one.owner));
  return inventory.app.map(({ name }) => name).filter((name) => name !== app && isOfStack(name));
}

/** The app's former name. The outputs of an earlier version do not have it, but the server then has another app of the stack. */
function formerName(inventory: Inventory, expected: Expectations): string | undefined {
  const { app, last } = expected;
  if (last === undefined) return undefined;
  if (last.app !== undefined) return last.app === app ? undefined : last.app;
  const [sibling, ...others] = siblings(inventory, expected);
  return isOnServer(inventory, app) || others.length > 0 ? undefined : sibling;
}

/** Whether the data is where the new name looks for it. Its id moves with it; data of an earlier version has none. */
function hasData(inventory: Inventory, { app, last }: Expectations): boolean {
  const found = inventory.identity.find((one) => one.app === app)?.id;
  const isFull = inventory.data.some(({ path, content }) => path === `/opt/${app}/data` && content === "full");
  return last?.identity ? found === last.identity : isFull;
}

/** Another name would start an app with empty data beside the app that has them. */
export function renamedApp(inventory: Inventory, expected: Expectations): Problem[] {
  const { app } = expected;
  const former = formerName(inventory, expected);
  if (former === undefined || hasData(inventory, expected)) return [];
  return [
    problem(
      `the app of this stack is ${former}, and the configuration says ${app}: ${app} would start with empty data`,
      `pulumi config set --path app.name ${former}   keeps the name`,
      `npm run ops -- rename ${app}   moves data, backups and certificate to the new name, without a lost request`,
      "a second app needs a stack of its own: pulumi stack init <name>",
    ),
  ];
}

const bringData = (app: string, { hasBackups, host }: LastUpdate): string =>
  hasBackups
    ? "pulumi up -c accept=host   starts with empty data; then `ops restore latest --in-place` restores the backup"
    : `pulumi up -c accept=host   starts with empty data; on this server: rsync -a --numeric-ids root@${host ?? "<former server>"}:/opt/${app}/data/ /opt/${app}/data/   copies it while the app is stopped`;

const keepHost = (last: LastUpdate, host: string): string[] =>
  last.host === undefined || last.host === host
    ? []
    : [`pulumi config set --path host.host ${last.host}   keeps the server`];

/** A server without the app that the stack deployed, or with other data under the name. */
export function movedApp(inventory: Inventory, expected: Expectations): Problem[] {
  const { app, last, host, accept } = expected;
  if (last === undefined || accept === "host" || formerName(inventory, expected) !== undefined) return [];
  const found = identityOf(inventory, app);
  const choices = [...keepHost(last, host), bringData(app, last)];
  const former = last.host === undefined || last.host === host ? "the server's former installation" : last.host;
  if (found === undefined)
    return [
      problem(`${host} does not have the app ${app}: its data is on ${former}, and this server has none`, ...choices),
    ];
  if (last.identity === undefined || last.identity === found) return [];
  const fact = `the data of ${app} on ${host} is not the data of this stack, which is on ${former}`;
  return [problem(fact, ...keepHost(last, host), "pulumi up -c accept=host   continues with the data of this server")];
}

/** A site whose names all change: visitors of the present ones would get no answer. */
export function movedDomain(inventory: Inventory, { app, domains, accept }: Expectations): Problem[] {
  const file = `/etc/nginx/sites-enabled/${app}.conf`;
  const names = inventory["nginx-name"].filter((one) => one.file === file).flatMap((one) => one.names);
  const [present] = names;
  const isOurs = inventory.owned.some(({ path }) => path === file);
  if (!isOurs || present === undefined || accept === "domain" || names.some((name) => domains.includes(name)))
    return [];
  const both = [...domains, present].map((name, at) => `pulumi config set --path 'app.domains[${at}]' ${name}`);
  return [
    problem(
      `the site is ${[...new Set(names)].join(", ")}, and the configuration says ${domains.join(", ")}: the present name would get no answer`,
      `pulumi config rm --path app.domain; ${both.join("; ")}   leads visitors of the present name to the new one`,
      `pulumi up -c accept=domain   gives the present name up; certbot delete --cert-name ${present}   deletes its certificate afterwards`,
    ),
  ];
}

/** A directory of the data that is new or empty, beside a full one that no key of the configuration names any more. */
export function movedData(inventory: Inventory, { app, data }: Expectations): Problem[] {
  const full = inventory.data.filter(({ content }) => content === "full").map(({ path }) => path);
  const missing = data.filter((path) => !full.includes(path));
  const left = full.filter(
    (path) => path !== `/opt/${app}/data` && !data.includes(path) && !/\.(?:before|changed)-[0-9TZ]+$/.test(path),
  );
  const [to] = missing;
  const [from] = left;
  if (to === undefined || from === undefined) return [];
  return [
    problem(
      `${missing.join(", ")} has no data, and no entry of \`data\` names ${left.join(", ")}, which has some`,
      `name it in \`data\`: pulumi config set --path 'data[0].name' ${from.split("/").at(-1) ?? ""}`,
      `or move it while the app is stopped: [ ! -e ${to} ] || rmdir ${to}; mv ${from} ${to}`,
      `or put it away: mv ${from} /opt/${app}/`,
    ),
  ];
}
