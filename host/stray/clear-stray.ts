import { z } from "zod";
import { connectionSchema } from "../connection";
import type { Command, Shell } from "../shell";

export const clearStraySchema = z.object({
  connection: connectionSchema,
  /** Name of the app whose label the stray network has. */
  app: z.string(),
  network: z.string(),
});

export const clearServiceSchema = z.object({
  /** The manager. */
  connection: connectionSchema,
  /** Name of the app whose label the stray service or secret has. */
  app: z.string(),
  kind: z.enum(["service", "secret"]),
  name: z.string(),
});

/** The command that removes a stray network. */
export const clearCommand = (app: string, network: string): Command => ({
  operation: "remove the stray network",
  target: network,
  script: "stray/clear-stray.sh",
  args: [app, network],
  timeoutSeconds: 60,
  hint: "the state does not know this network: run `pulumi up --refresh`, or remove its containers by hand if they are not needed",
});

/**
 * Removes a network that a killed run left on the server, where a new one is about to be created.
 * @throws HostError when the network has containers.
 */
export const clearStray = ({ app, network }: z.output<typeof clearStraySchema>, shell: Shell): Promise<string> =>
  shell.run(clearCommand(app, network));

/**
 * Removes a service or a secret that a killed run left in the Swarm, where a new one is about to be created.
 * @throws HostError when the service serves.
 */
export const clearService = (
  { app, kind, name }: z.output<typeof clearServiceSchema>,
  manager: Shell,
): Promise<string> =>
  manager.run({
    operation: `remove the stray ${kind}`,
    target: name,
    script: "stray/clear-service.sh",
    args: [app, kind, name],
    timeoutSeconds: 60,
    hint: `the state does not know this ${kind}: run \`pulumi up --refresh\`, or deploy another tag first`,
  });
