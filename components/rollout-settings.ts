import { keepsAssets } from "../host/rollout/assets";
import type { StackConfig } from "./stack-config";

/** The inputs of a rollout that all releases have in common. The resource and the deploy keys share them. */
export const rolloutSettings = ({
  app,
  connection,
  rollout,
  site,
}: Pick<StackConfig, "app" | "connection" | "rollout" | "site">) => ({
  connection,
  app: app.name,
  domain: app.domain,
  port: app.port,
  soakSeconds: rollout.soakSeconds,
  drainSeconds: rollout.drainSeconds,
  stopSeconds: rollout.stopSeconds,
  pidsLimit: app.pids,
  ...(keepsAssets(site.keepAssets) && { keepAssets: site.keepAssets }),
});
