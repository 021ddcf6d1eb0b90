import type { Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { Redactor, configurationSecrets, environmentSecrets, stateSecrets } from "../redact";

const configurationSchema = z.record(z.string(), z.object({ value: z.string(), secret: z.boolean().optional() }));

/**
 * Removes the secrets of the environment, of the stack's configuration and of its state from all that a job prints. GitHub
 * removes only its own secrets, and only from the log. The engine prints secrets in its debug log.
 * @throws Error when configuration or state cannot be read: then their secrets are not known.
 */
export async function jobRedactor(
  stack: Pick<Stack, "getAllConfig" | "exportStack">,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Redactor> {
  const [configuration, state] = await Promise.all([stack.getAllConfig(), stack.exportStack()]);
  return new Redactor([
    ...environmentSecrets(environment),
    ...configurationSecrets(configurationSchema.parse(configuration)),
    ...stateSecrets(state.deployment),
  ]);
}
