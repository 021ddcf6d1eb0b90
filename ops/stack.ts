import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { connectionSchema, type Connection } from "../provider/connection";
import { repositoryRoot } from "../repository";

/** What the operator's commands need to know of a stack. */
export interface Stack {
  readonly app: { readonly name: string; readonly domain: string };
  readonly connection: Connection;
}

const schema = z.object({
  "memoryloop-infra:app": z.object({ name: z.string(), domain: z.string() }),
  "memoryloop-infra:host": connectionSchema.extend({
    port: connectionSchema.shape.port.default(22),
    user: z.string().default("root"),
  }),
});

/**
 * App and host of a stack, from the text of its stack file.
 * @throws Error that names what is missing.
 */
export function parseStack(text: string, file: string): Stack {
  const parsed = schema.safeParse((parse(text) as { config?: unknown } | null)?.config ?? {});
  if (!parsed.success) throw new Error(`${file} is not a whole stack file:\n${z.prettifyError(parsed.error)}`);
  return { app: parsed.data["memoryloop-infra:app"], connection: parsed.data["memoryloop-infra:host"] };
}

/** The rehearsal keeps stack file and ssh agent to itself. */
async function rehearsalFile(): Promise<string> {
  const { findWorld } = await import("../rehearsal/world/world.js");
  const { stackFile } = await import("../rehearsal/pulumi.js");
  const world = await findWorld({ checkout: repositoryRoot });
  if (world === undefined) throw new Error("the rehearsal is not up: run `npm run rehearse` first");
  process.env["SSH_AUTH_SOCK"] = world.agentSocket;
  return stackFile(world);
}

/** Reads a stack by its name, or from the stack file that was named instead. */
export async function readStack(name: string, configFile?: string): Promise<Stack> {
  const file =
    configFile ?? (name === "rehearsal" ? await rehearsalFile() : join(repositoryRoot, `Pulumi.${name}.yaml`));
  if (!existsSync(file)) throw new Error(`there is no ${file}: name a stack with --stack, such as --stack rehearsal`);
  return parseStack(readFileSync(file, "utf8"), file);
}
