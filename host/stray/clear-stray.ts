import { z } from "zod";
import { connectionSchema } from "../connection";
import type { Command, Shell } from "../shell";

export const clearStraySchema = z.object({
  connection: connectionSchema,
  /** Name of the app whose label the stray carries. */
  app: z.string(),
  stray: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("container"), name: z.string(), address: z.string() }),
    z.object({ kind: z.literal("network"), name: z.string() }),
  ]),
});

type Stray = z.output<typeof clearStraySchema>["stray"];

/** The command that removes it, if it is there. */
export const clearCommand = (app: string, stray: Stray): Command => ({
  operation: `make room for the ${stray.kind}`,
  target: stray.name,
  script: "stray/clear-stray.sh",
  args: [app, stray.kind, stray.name, ...(stray.kind === "container" ? [stray.address] : [])],
  timeoutSeconds: 60,
  hint: "the state does not know it: `pulumi up --refresh` takes up what the state has lost, or remove it by hand if it serves nothing",
});

/**
 * Removes a container or network that a killed run left on the server and no state knows, where a new one is about to be.
 * @throws HostError when it is the serving container, or a network with containers on it.
 */
export const clearStray = ({ app, stray }: z.output<typeof clearStraySchema>, shell: Shell): Promise<string> =>
  shell.run(clearCommand(app, stray));
