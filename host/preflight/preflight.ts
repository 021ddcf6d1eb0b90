import { randomUUID } from "node:crypto";
import { isIP, isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { connectionSchema, type Connection } from "../connection";
import { resolver } from "../dns-resolver";
import { HostError } from "../host-error";
import { readInventory, type Inventory, type Reading } from "../inventory/inventory";
import { findProblems, renderProblem } from "../inventory/rules";
import { acceptable, adoptable, type Problem } from "../inventory/rules/problem";
import { identityOf } from "../inventory/rules/identity";
import { chooseSubnet } from "../inventory/rules/subnet";
import type { Shell } from "../shell";
import {
  parseRecords,
  recordWarnings,
  rolledBackTags,
  servedImages,
  servingImage,
  type RolledBackTag,
  type ServedImage,
} from "../rollout/records";

export const preflightSchema = z.object({
  connection: connectionSchema,
  app: z.string(),
  /** The app as servers record it: `PROJECT/STACK/APP`. */
  owner: z.string(),
  /** Names of the site. The first one names the certificate. */
  domains: z.array(z.string()),
  /** The app's Docker network, if the configuration asks for one. */
  subnet: z.string().optional(),
  /** The subnet that the stack used last. */
  lastSubnet: z.string().optional(),
  /** The content that the app wants for the files and units that all apps of a server share. */
  claims: z.record(z.string(), z.string()).default({}),
  /** The app's memory limit in MiB. */
  memoryMb: z.number(),
  /** The directories of the data on the server. Empty where one directory holds all of it. */
  data: z.array(z.string()).default([]),
  /** The stack's last update. */
  last: z
    .object({
      app: z.string().optional(),
      host: z.string().optional(),
      identity: z.string().optional(),
      hasBackups: z.boolean(),
    })
    .optional(),
  /** The change that the operator confirms for this update. */
  accept: z.enum(acceptable).optional(),
  adopt: z.array(z.enum(adoptable)).default([]),
  allow: z.array(z.string()).default([]),
});

export type PreflightArgs = z.output<typeof preflightSchema>;

/** The addresses of a name in DNS. */
export interface Resolved {
  readonly name: string;
  /** A records. */
  readonly v4: readonly string[];
  /** AAAA records. */
  readonly v6: readonly string[];
}

async function resolved(name: string): Promise<Resolved> {
  if (isIP(name) !== 0) return { name, v4: isIPv4(name) ? [name] : [], v6: isIPv6(name) ? [name] : [] };
  const none = (): string[] => [];
  const [v4, v6] = await Promise.all([resolver.resolve4(name).catch(none), resolver.resolve6(name).catch(none)]);
  return { name, v4, v6 };
}

/** One text for each way to write an address. */
const sameForm = (address: string): string => (isIPv6(address) ? new URL(`http://[${address}]`).hostname : address);

function missingRecord({ name, v4 }: Resolved, host: string): string {
  const leads = v4.length > 0 ? `leads to ${v4.join(", ")}` : "does not resolve";
  return `DNS: ${name} ${leads}, not to ${host}: set an A record for ${name} to the VPS's address; until it is there, no certificate is issued`;
}

/**
 * Warnings for the names of the site that do not lead to the server. They are no errors, because DNS can be late. A name
 * with an AAAA record that leads elsewhere gets no certificate: its authority asks the IPv6 address first.
 */
export function dnsWarnings(names: readonly Resolved[], host: Resolved, own: readonly string[]): string[] {
  const known = [...host.v4, ...host.v6, ...own].map(sameForm);
  const leadsHere = (address: string): boolean => known.includes(sameForm(address));
  return names.flatMap((one) => {
    const wrong = one.v6.filter((address) => !leadsHere(address));
    return [
      ...(one.v4.some(leadsHere) || one.v6.some(leadsHere) ? [] : [missingRecord(one, host.name)]),
      ...(wrong.length > 0 && one.v4.some(leadsHere)
        ? [
            `DNS: the AAAA record of ${one.name} leads to ${wrong.join(", ")}, not to ${host.name}: set it to the VPS's IPv6 address or remove it; until then, no certificate is issued`,
          ]
        : []),
    ];
  });
}

/** The names of the site and the server's own name in DNS. A server on loopback is a rehearsal: no public name leads to it. */
async function lookUp(domains: readonly string[], host: string): Promise<{ names: Resolved[]; host: Resolved }> {
  if (host.startsWith("127.")) return { names: [], host: { name: host, v4: [], v6: [] } };
  const [at, ...names] = await Promise.all([host, ...domains].map(resolved));
  return { names, host: at ?? { name: host, v4: [], v6: [] } };
}

/** The server's records of the app's releases. */
export interface ServerReleases {
  /** The image that serves; absent when nothing does, or when no record tells it. */
  readonly serving?: ServedImage | undefined;
  /** The last five image tags that served, newest first. */
  readonly served: readonly ServedImage[];
  /** The image tags that operators rolled back. */
  readonly rolledBack: readonly RolledBackTag[];
}

/** The result of a preflight that found no problem. */
export interface Preflight extends ServerReleases {
  readonly warnings: readonly string[];
  /** Subnet of the app's Docker network, a /16. */
  readonly subnet: string;
  /** Id of the app's data: the server's, or a new one for an app that the server does not have. */
  readonly identity: string;
  /** User id that owns the app's data. Undefined where the server has no data. */
  readonly dataUser?: number | undefined;
  /** The server's processor in the words of `uname`. Undefined where no server was asked. */
  readonly architecture?: string | undefined;
}

const problemsError = (target: string, problems: readonly string[]): HostError =>
  new HostError({
    operation: "preflight of",
    target,
    cause: problems.map((problem) => `\n    - ${problem}`).join(""),
    hint: "fix these and run `pulumi up` again; nothing was changed",
  });

const noInventory: Problem = {
  fact: "the login shell did not run a script to its end",
  choices: ["chsh --shell /bin/bash, and remove what exits from its start-up files"],
};

const target = ({ host, user }: Connection): string => `${user}@${host}`;

export const loginHint = ({ host, port, user }: Connection): string =>
  `${user} must be root or have passwordless sudo: \`ssh -p ${port} ${user}@${host} sudo -n true\` shows it`;

/** Every problem of a server, the worst first. It needs only what `preflight` needs, and changes nothing. */
export function problemsOf(reading: Reading, args: PreflightArgs): readonly Problem[] {
  const expected = { ...args, host: args.connection.host, sshPort: args.connection.port, now: Date.now() };
  return findProblems(reading.inventory, reading.noise, expected);
}

/** The owner of the data's first directory, or of the directory that holds all of it. */
const dataUserOf = ({ data: found }: Inventory, { app, data }: PreflightArgs): number | undefined =>
  found.find(({ path }) => path === (data[0] ?? `/opt/${app}/data`))?.uid;

/** Takes the inventory. @throws HostError when the server cannot be reached, or does not run the script. */
export async function inspect({ app, connection }: PreflightArgs, shell: Shell): Promise<Reading> {
  const reading = await readInventory(app, target(connection), loginHint(connection), shell);
  if (reading === undefined) throw problemsError(target(connection), [renderProblem(noInventory)]);
  return reading;
}

/** Every problem of a server, the worst first; none for a server that an update may work on. Changes nothing. */
export async function serverProblems(args: PreflightArgs, shell: Shell): Promise<readonly Problem[]> {
  const reading = await readInventory(args.app, target(args.connection), loginHint(args.connection), shell);
  return reading === undefined ? [noInventory] : problemsOf(reading, args);
}

/**
 * Looks at the server before anything is changed. Returns warnings, the app's subnet, and what the server's records say
 * about the app's releases.
 * @throws HostError that names every problem: no agent or key, wrong host key, unreachable, no sudo, wrong OS, disk, ports.
 */
export async function preflight(args: PreflightArgs, shell: Shell): Promise<Preflight> {
  const { connection, app, domains } = args;
  const [reading, dns] = await Promise.all([inspect(args, shell), lookUp(domains, connection.host)]);
  const problems = problemsOf(reading, args);
  if (problems.length > 0) throw problemsError(target(connection), problems.map(renderProblem));
  const { active, record, address } = reading.inventory;
  const own = address.map((one) => one.address);
  const found = parseRecords(record.map(({ file, content }) => `${file}\t${content}`).join("\n"));
  return {
    warnings: [...dnsWarnings(dns.names, dns.host, own), ...recordWarnings(app, found)],
    subnet: chooseSubnet(reading.inventory, args),
    identity: identityOf(reading.inventory, app) ?? randomUUID(),
    dataUser: dataUserOf(reading.inventory, args),
    architecture: reading.inventory.os.architecture,
    serving: servingImage(found.records, active.release),
    served: servedImages(found.records),
    rolledBack: rolledBackTags(found.records),
  };
}
