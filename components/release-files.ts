import { renderTemplate } from "../host/template";
import { readRepositoryFile } from "../repository";
import type { Entry } from "../resources/file-set";

const file = (content: string, mode = "0644"): Entry => ({ kind: "file", content, mode, owner: "root:root" });

/**
 * What carries an app's releases on its host: the template units between a release's socket and its container, and what
 * takes an unconfirmed cutover back when the one who made it is gone.
 */
export function releaseFiles(app: string): Record<string, Entry> {
  const unit = (name: string): Entry => file(renderTemplate(["systemd", `app-${name}`], { app }));
  const units = ["release@.socket", "release@.service", "return.path", "return.service"];
  return {
    ...Object.fromEntries(units.map((name) => [`/etc/systemd/system/${app}-${name}`, unit(name)])),
    [`/usr/local/lib/${app}`]: { kind: "directory", mode: "0755", owner: "root:root" },
    [`/usr/local/lib/${app}/return-unconfirmed`]: file(
      readRepositoryFile("host", "rollout", "return-unconfirmed.sh"),
      "0755",
    ),
  };
}

/** The units of it that watch all the time. */
export const releaseUnits = (app: string) => ({ [`${app}-return.path`]: { enabled: true, active: true } });
