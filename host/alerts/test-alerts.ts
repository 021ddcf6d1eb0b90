import { z } from "zod";
import type { Shell } from "../shell";

const deliverySchema = z.object({ target: z.string(), sent: z.boolean(), error: z.string() });

/** The result of a test message to one target. */
export type Delivery = z.output<typeof deliverySchema>;

const secondsPerTarget = 40;
const mostTargets = 5;

/**
 * Lets the server send a test message to each target.
 * @throws HostError when the server has no alerts.
 */
export async function testAlerts(app: string, shell: Shell): Promise<Delivery[]> {
  const text = await shell.run({
    operation: "test the alerts of",
    target: app,
    script: "alerts/test-alerts.sh",
    args: [app],
    timeoutSeconds: secondsPerTarget * mostTargets,
  });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => deliverySchema.parse(JSON.parse(line)));
}
