import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Connection } from "../../host/connection";
import type { Preflight, preflightSchema } from "../../host/preflight/preflight";
import type { RolledBackTag } from "../../host/rollout/deployment";
import { userError } from "../user-error";

/**
 * Looks at the server before anything is changed, logs warnings, and returns the image tags that operators rolled back
 * there. A preview without an ssh agent, as in a pull request, connects to nothing and knows of none.
 * @throws pulumi.RunError when the server cannot be reached or lacks something, with every problem and its remedy.
 */
export async function preflight(
  connection: Connection,
  args: Omit<z.input<typeof preflightSchema>, "connection">,
): Promise<readonly RolledBackTag[]> {
  if (pulumi.runtime.isDryRun() && !process.env["SSH_AUTH_SOCK"]) return [];
  try {
    const found = (await pulumi.runtime.invoke(
      "vps:index:preflight",
      { connection, ...args },
      {},
    )) as unknown as Preflight;
    for (const warning of found.warnings) void pulumi.log.warn(warning);
    return found.rolledBack;
  } catch (error) {
    throw userError(error instanceof Error ? error.message : String(error));
  }
}
