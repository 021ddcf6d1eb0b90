import type { Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { Redactor, configurationSecrets, environmentSecrets } from "../redact";

const configurationSchema = z.record(z.string(), z.object({ value: z.string(), secret: z.boolean().optional() }));

/**
 * Removes the secrets of the environment and of the stack's configuration from all that a job prints: GitHub removes only
 * its own secrets, and only from the log.
 * @throws Error when the configuration cannot be read: then its secrets are not known.
 */
export async function jobRedactor(
  stack: Pick<Stack, "getAllConfig">,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Redactor> {
  const configuration = configurationSchema.parse(await stack.getAllConfig());
  return new Redactor([...environmentSecrets(environment), ...configurationSecrets(configuration)]);
}
