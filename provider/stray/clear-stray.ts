import { z } from "zod";
import { connectionSchema } from "../connection";
import type { Invocation } from "../provider";
import type { Command } from "../shell";

const argsSchema = z.object({
  connection: connectionSchema,
  /** Name of the app whose label the stray carries. */
  app: z.string(),
  stray: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("container"), name: z.string(), address: z.string() }),
    z.object({ kind: z.literal("network"), name: z.string() }),
  ]),
});

type Stray = z.output<typeof argsSchema>["stray"];

/** The command that removes it, if it is there. */
export const clearCommand = (app: string, stray: Stray): Command => ({
  operation: `make room for the ${stray.kind}`,
  target: stray.name,
  script: "clear-stray.sh",
  args: [app, stray.kind, stray.name, ...(stray.kind === "container" ? [stray.address] : [])],
  timeoutSeconds: 60,
  hint: "the state does not know it: `pulumi up --refresh` takes up what the state has lost, or remove it by hand if it serves nothing",
});

/**
 * Removes a container or network that a killed run left on the host and no state knows, where a new one is about to be.
 * @throws HostError when it is the serving container, or a network with containers on it.
 */
export const clearStray: Invocation = async (args, open) => {
  const { connection, app, stray } = argsSchema.parse(args);
  await open(connection).run(clearCommand(app, stray));
  return {};
};
