import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../provider/connection";
import type { Withdrawal } from "../provider/rollout/deployment";
import { userError } from "../user-error";

interface Found {
  readonly warnings: readonly string[];
  readonly withdrawn: readonly Withdrawal[];
}

/**
 * Looks at the host before anything is touched, logs its warnings, and returns the image tags that were taken back there. A
 * preview without an ssh agent, as in a pull request, dials nothing, and knows of none.
 * @throws when the host cannot be reached or lacks something, with every problem and what to do.
 */
export async function preflight(
  connection: Connection,
  { name, domain }: { readonly name: string; readonly domain: string },
): Promise<readonly Withdrawal[]> {
  if (pulumi.runtime.isDryRun() && !process.env["SSH_AUTH_SOCK"]) return [];
  try {
    const args = { connection, app: name, domain };
    const found = (await pulumi.runtime.invoke("vps:index:preflight", args, {})) as unknown as Found;
    for (const warning of found.warnings) void pulumi.log.warn(warning);
    return found.withdrawn;
  } catch (error) {
    throw userError(error instanceof Error ? error.message : String(error));
  }
}
