import { gateSchema } from "../../host/rollout/inputs";

/** The settings of a rollback on one server. */
export const rollbackSettings = {
  connection: { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  app: "app",
  domain: "app.example.com",
  repository: "ghcr.io/owner/app",
  gateFor: (tag: string) => gateSchema.parse({ retries: 0, version: tag }),
  drainSeconds: 30,
  stopSeconds: 30,
};
