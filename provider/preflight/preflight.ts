import { resolve4 } from "node:dns/promises";
import { z } from "zod";
import { connectionSchema } from "../connection";
import { HostError } from "../host-error";
import type { Invocation } from "../provider";
import { hostProblems, parseFacts } from "./facts";

const argsSchema = z.object({ connection: connectionSchema, domain: z.string() });

/** A warning when the domain does not lead to the host; the certificate would be refused, but DNS may still be on its way. */
async function dnsWarnings(domain: string, host: string): Promise<string[]> {
  // A host on loopback is a rehearsal: no public name leads to it.
  if (host.startsWith("127.")) return [];
  const addresses = await resolve4(domain).catch(() => []);
  const wanted = /^[\d.]+$/.test(host) ? [host] : await resolve4(host).catch(() => []);
  if (addresses.some((address) => wanted.includes(address))) return [];
  const leads = addresses.length > 0 ? `leads to ${addresses.join(", ")}` : "does not resolve";
  return [`DNS: ${domain} ${leads}, not to ${host}: set an A record for ${domain} to the VPS's address`];
}

/**
 * Looks at the host before anything is touched. Returns warnings.
 * @throws HostError that names every problem: no agent or key, wrong host key, unreachable, no sudo, wrong OS, disk, ports.
 */
export const preflight: Invocation = async (args, open) => {
  const { connection, domain } = argsSchema.parse(args);
  const [text, warnings] = await Promise.all([
    open(connection).run({
      operation: "look at",
      target: `${connection.user}@${connection.host}`,
      script: "preflight.sh",
      args: [],
      timeoutSeconds: 20,
      hint: `${connection.user} must be root or have passwordless sudo: \`ssh ${connection.user}@${connection.host} sudo -n true\` shows it`,
    }),
    dnsWarnings(domain, connection.host),
  ]);
  const problems = hostProblems(parseFacts(text), connection.user);
  if (problems.length === 0) return { warnings };
  throw new HostError({
    operation: "preflight of",
    target: `${connection.user}@${connection.host}`,
    cause: problems.map((problem) => `\n    - ${problem}`).join(""),
    hint: "mend these and run `pulumi up` again; nothing was touched",
  });
};
