import { Resolver } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { z } from "zod";
import { connectionSchema, type Connection } from "../connection";
import { HostError } from "../host-error";
import { readInventory, type Reading } from "../inventory/inventory";
import { findProblems, renderProblem } from "../inventory/rules";
import { adoptable, type Problem } from "../inventory/rules/problem";
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
  domain: z.string(),
  /** The app's Docker network, if the configuration asks for one. */
  subnet: z.string().optional(),
  /** The subnet that the stack used last. */
  lastSubnet: z.string().optional(),
  /** The content that the app wants for the files and units that all apps of a server share. */
  claims: z.record(z.string(), z.string()).default({}),
  /** The app's memory limit in MiB. */
  memoryMb: z.number(),
  adopt: z.array(z.enum(adoptable)).default([]),
  allow: z.array(z.string()).default([]),
});

type PreflightArgs = z.output<typeof preflightSchema>;

/** A resolver that is down costs seconds, not the minutes of the default. */
const resolver = new Resolver({ timeout: 2000, tries: 2 });
const addressesOf = (name: string): Promise<string[]> => resolver.resolve4(name).catch(() => []);

/** A warning when the domain does not lead to the server. It is no error, because DNS can be late. */
export function dnsWarnings(
  domain: string,
  found: readonly string[],
  host: { readonly name: string; readonly addresses: readonly string[] },
): string[] {
  if (found.some((address) => host.addresses.includes(address))) return [];
  const leads = found.length > 0 ? `leads to ${found.join(", ")}` : "does not resolve";
  return [
    `DNS: ${domain} ${leads}, not to ${host.name}: set an A record for ${domain} to the VPS's address; until it is there, no certificate is issued`,
  ];
}

async function lookUp(domain: string, host: string): Promise<string[]> {
  // A host on loopback is a rehearsal: no public name leads to it.
  if (host.startsWith("127.")) return [];
  const [found, addresses] = await Promise.all([addressesOf(domain), isIPv4(host) ? [host] : addressesOf(host)]);
  return dnsWarnings(domain, found, { name: host, addresses });
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
function problemsOf(reading: Reading, args: PreflightArgs): readonly Problem[] {
  const expected = { ...args, sshPort: args.connection.port, now: Date.now() };
  return findProblems(reading.inventory, reading.noise, expected);
}

/** Takes the inventory. @throws HostError when the server cannot be reached, or does not run the script. */
async function inspect({ app, connection }: PreflightArgs, shell: Shell): Promise<Reading> {
  const reading = await readInventory(app, target(connection), loginHint(connection), shell);
  if (reading === undefined) throw problemsError(target(connection), [renderProblem(noInventory)]);
  return reading;
}

/**
 * Looks at the server before anything is changed. Returns warnings, the app's subnet, and what the server's records say
 * about the app's releases.
 * @throws HostError that names every problem: no agent or key, wrong host key, unreachable, no sudo, wrong OS, disk, ports.
 */
export async function preflight(args: PreflightArgs, shell: Shell): Promise<Preflight> {
  const { connection, app, domain } = args;
  const [reading, warnings] = await Promise.all([inspect(args, shell), lookUp(domain, connection.host)]);
  const problems = problemsOf(reading, args);
  if (problems.length > 0) throw problemsError(target(connection), problems.map(renderProblem));
  const { active, record } = reading.inventory;
  const found = parseRecords(record.map(({ file, content }) => `${file}\t${content}`).join("\n"));
  return {
    warnings: [...warnings, ...recordWarnings(app, found)],
    subnet: chooseSubnet(reading.inventory, args),
    architecture: reading.inventory.os.architecture,
    serving: servingImage(found.records, active.release),
    served: servedImages(found.records),
    rolledBack: rolledBackTags(found.records),
  };
}
