import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../host/connection";

/** Why a server does not answer; empty for one that does. A preview without an ssh agent connects to none. */
export async function reach(connection: Connection): Promise<string> {
  if (pulumi.runtime.isDryRun() && !process.env["SSH_AUTH_SOCK"]) return "";
  const { cause } = (await pulumi.runtime.invoke("vps:index:reach", { connection }, {})) as { cause: string };
  return cause;
}
