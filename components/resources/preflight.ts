import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Connection } from "../../host/connection";
import { usualSubnet } from "../../host/inventory/rules/subnet";
import type { Preflight, preflightSchema } from "../../host/preflight/preflight";
import { userError } from "../user-error";

/**
 * Checks the server before anything is changed, logs warnings, and returns the app's subnet and what the server's records
 * say about its releases. A preview without an ssh agent, as in a pull request, does not connect and knows of no release;
 * it shows the subnet of the last update.
 * @throws pulumi.RunError when the server cannot be reached or lacks something, with every problem and its remedy.
 */
export async function preflight(
  connection: Connection,
  args: Omit<z.input<typeof preflightSchema>, "connection">,
): Promise<Omit<Preflight, "warnings">> {
  if (pulumi.runtime.isDryRun() && !process.env["SSH_AUTH_SOCK"])
    return {
      served: [],
      rolledBack: [],
      subnet: args.subnet ?? args.lastSubnet ?? usualSubnet,
      identity: args.last?.identity ?? "",
    };
  try {
    const found = (await pulumi.runtime.invoke(
      "vps:index:preflight",
      { connection, ...args },
      {},
    )) as unknown as Preflight;
    for (const warning of found.warnings) void pulumi.log.warn(warning);
    return found;
  } catch (error) {
    throw userError(error instanceof Error ? error.message : String(error));
  }
}
