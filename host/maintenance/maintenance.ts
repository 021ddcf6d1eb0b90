import { z } from "zod";
import type { Shell } from "../shell";

const maintenanceSchema = z.object({
  state: z.enum(["on", "off"]),
  since: z.iso.datetime().nullable(),
  /** Addresses that see the site. */
  allow: z.array(z.string()),
});

export type Maintenance = z.infer<typeof maintenanceSchema>;

/** A change of the maintenance of a site, or a question. */
export type MaintenanceChange =
  | { readonly verb: "on"; readonly page: string; readonly allow: readonly string[] }
  | { readonly verb: "off" | "status" };

/**
 * Begins or ends the maintenance of an app's site, and returns its state. No reload of nginx is needed. The state stays
 * until it is changed: a deployment and a restart of the server do not end it.
 * @throws HostError when the site does not know maintenance.
 */
export async function maintain(app: string, change: MaintenanceChange, shell: Shell): Promise<Maintenance> {
  const isOn = change.verb === "on";
  const text = await shell.run({
    operation: "change the maintenance of",
    target: app,
    script: "maintenance/maintenance.sh",
    args: [app, change.verb, ...(isOn ? change.allow : [])],
    ...(isOn && { stdin: change.page }),
    timeoutSeconds: 20,
  });
  return maintenanceSchema.parse(JSON.parse(text));
}
