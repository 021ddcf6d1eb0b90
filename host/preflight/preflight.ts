import { Resolver } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { z } from "zod";
import { connectionSchema } from "../connection";
import { HostError } from "../host-error";
import { readInventory } from "../inventory/inventory";
import { findProblems, renderProblem } from "../inventory/rules";
import { adoptable, type Problem } from "../inventory/rules/problem";
import type { Shell } from "../shell";
import {
  recordWarnings,
  rolledBackTags,
  servedImages,
  servingImage,
  type RolledBackTag,
  type ServedImage,
} from "../rollout/records";
import { hostProblems, parseFacts } from "./facts";

export const preflightSchema = z.object({
  connection: connectionSchema,
  app: z.string(),
  domain: z.string(),
  /** The app's Docker network. */
  subnet: z.string(),
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

async function inventoryProblems(args: PreflightArgs, target: string, hint: string, shell: Shell): Promise<string[]> {
  const reading = await readInventory(target, hint, shell);
  if (reading === undefined) return [renderProblem(noInventory)];
  const expected = { ...args, sshPort: args.connection.port, now: Date.now() };
  return findProblems(reading.inventory, reading.noise, expected).map(renderProblem);
}

/**
 * Looks at the server before anything is changed. Returns warnings, and what the server's records say about the app's releases.
 * @throws HostError that names every problem: no agent or key, wrong host key, unreachable, no sudo, wrong OS, disk, ports.
 */
export async function preflight(args: PreflightArgs, shell: Shell): Promise<Preflight> {
  const { connection, app, domain } = args;
  const { host, port, user } = connection;
  const target = `${user}@${host}`;
  const hint = `${user} must be root or have passwordless sudo: \`ssh -p ${port} ${user}@${host} sudo -n true\` shows it`;
  const [text, found, warnings] = await Promise.all([
    shell.run({
      operation: "look at",
      target,
      script: "preflight/preflight.sh",
      args: [app],
      timeoutSeconds: 20,
      hint,
    }),
    inventoryProblems(args, target, hint, shell),
    lookUp(domain, host),
  ]);
  const facts = parseFacts(text);
  const problems = [...found, ...hostProblems(facts)];
  if (problems.length > 0) throw problemsError(`${user}@${host}`, problems);
  return {
    warnings: [...warnings, ...recordWarnings(app, facts)],
    serving: servingImage(facts.records, facts.active),
    served: servedImages(facts.records),
    rolledBack: rolledBackTags(facts.records),
  };
}
