import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { connectionSchema, type Connection } from "../provider/connection";
import { rolloutInputsSchema, type RolloutInputs } from "../provider/rollout/inputs";
import type { World } from "../rehearsal/world/world";
import { repositoryRoot } from "../repository";

/** What the operator's commands need to know of a stack. */
export interface Stack {
  readonly app: { readonly name: string; readonly domain: string };
  readonly connection: Connection;
  /** Of the app's image, without a tag. */
  readonly repository: string;
  /** How a release comes to serve. */
  readonly rollout: Pick<RolloutInputs, "gate" | "drainSeconds" | "stopSeconds">;
  /** Holds the backups, where there are any. */
  readonly bucket?: string | undefined;
}

const schema = z.object({
  "memoryloop-infra:app": z.object({ name: z.string(), domain: z.string() }),
  "memoryloop-infra:host": connectionSchema.extend({
    port: connectionSchema.shape.port.default(22),
    user: z.string().default("root"),
  }),
  "memoryloop-infra:image": z.object({ repository: z.string() }),
  "memoryloop-infra:rollout": rolloutInputsSchema
    .pick({ gate: true, drainSeconds: true, stopSeconds: true })
    .prefault({}),
  "memoryloop-infra:backups": z.object({ bucket: z.string() }).optional(),
});

/**
 * App and host of a stack, from the text of its stack file.
 * @throws Error that names what is missing.
 */
export function parseStack(text: string, file: string): Stack {
  const parsed = schema.safeParse((parse(text) as { config?: unknown } | null)?.config ?? {});
  if (!parsed.success) throw new Error(`${file} is not a whole stack file:\n${z.prettifyError(parsed.error)}`);
  return {
    app: parsed.data["memoryloop-infra:app"],
    connection: parsed.data["memoryloop-infra:host"],
    repository: parsed.data["memoryloop-infra:image"].repository,
    rollout: parsed.data["memoryloop-infra:rollout"],
    bucket: parsed.data["memoryloop-infra:backups"]?.bucket,
  };
}

/** The engine as it is run on a stack. */
export interface EngineCommand {
  readonly command: string;
  /** The stack's name, as the engine takes it. */
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Words behind a command's own. */
  readonly arguments: readonly string[];
}

async function rehearsalWorld(): Promise<World> {
  const { findWorld } = await import("../rehearsal/world/world.js");
  const world = await findWorld({ checkout: repositoryRoot });
  if (world === undefined) throw new Error("the rehearsal is not up: run `npm run rehearse` first");
  return world;
}

/** The rehearsal keeps stack file and ssh agent to itself. */
async function rehearsalFile(): Promise<string> {
  const { stackFile } = await import("../rehearsal/pulumi.js");
  const world = await rehearsalWorld();
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

/** `pulumi` as it is installed; the rehearsal has one of its own. */
export async function engineFor(name: string, configFile?: string): Promise<EngineCommand> {
  if (name !== "rehearsal") {
    const file = configFile === undefined ? [] : ["--config-file", configFile];
    return { command: "pulumi", stack: name, environment: process.env, arguments: ["--stack", name, ...file] };
  }
  const { byHand, ensurePulumi } = await import("../rehearsal/pulumi.js");
  const engine = byHand(await ensurePulumi(await rehearsalWorld(), () => undefined));
  return { ...engine, environment: { ...process.env, ...engine.environment } };
}
