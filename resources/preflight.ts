import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../provider/connection";
import { userError } from "../user-error";

/**
 * Looks at the host before anything is touched, and logs its warnings. A preview without an ssh agent, as in a pull
 * request, dials nothing.
 * @throws when the host cannot be reached or lacks something, with every problem and what to do.
 */
export async function preflight(connection: Connection, domain: string): Promise<void> {
  if (pulumi.runtime.isDryRun() && !process.env["SSH_AUTH_SOCK"]) return;
  try {
    const result: unknown = await pulumi.runtime.invoke("vps:index:preflight", { connection, domain }, {});
    for (const warning of (result as { warnings: string[] }).warnings) void pulumi.log.warn(warning);
  } catch (error) {
    throw userError(error instanceof Error ? error.message : String(error));
  }
}
