import type { EngineLog } from "../engine-log";
import type { Plugin } from "../plugin";
import { sdkVersion } from "../sdk-version";
import { remoteCommand } from "./command";

/** Stands in for the plugin `command`; checked against recordings of 1.2.1 in test/conformance. */
export const command = (log: EngineLog): Plugin => ({
  version: sdkVersion("command"),
  capabilities: { acceptSecrets: true, supportsPreview: true, acceptResources: true, acceptOutputs: true },
  resources: {
    "command:remote:Command": remoteCommand((urn, line) => {
      log.info(urn, line);
    }),
  },
});
