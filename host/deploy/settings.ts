import { z } from "zod";
import { gateSchema, rolloutInputsSchema, type Gate } from "../rollout/inputs";
import { isCommit } from "../rollout/version";

/** The settings of a rollout that each deployment has in common, as `pulumi up` writes them to the server. */
export const deploySettingsSchema = rolloutInputsSchema.omit({ release: true, image: true, gate: true }).extend({
  /** Health check of a release whose tag is a commit, and of one with another tag. A version stands for the tag. */
  gates: z.object({ commit: gateSchema, other: gateSchema }),
  /** Repository of the image, without a tag. Nothing else is ever pulled. */
  repository: z.string().min(1),
  /** The app's Docker network: a /16. */
  subnet: z.string().regex(/^\d+\.\d+\.0\.0\/16$/),
});

/** The server's own login at the registry, as Docker's API takes it. It only needs to read. */
export const registryLoginSchema = z.object({
  username: z.string(),
  password: z.string(),
  serveraddress: z.string(),
});

export type DeploySettings = z.output<typeof deploySettingsSchema>;
export type RegistryLogin = z.output<typeof registryLoginSchema>;

/** The health check of a release with this image tag. */
export function gateFor({ gates }: DeploySettings, tag: string): Gate {
  const gate = isCommit(tag) ? gates.commit : gates.other;
  return gate.version === undefined ? gate : { ...gate, version: tag };
}

/** Directory of the server with the settings of deployments. */
export const settingsFolder = (app: string): string => `/opt/${app}/config/deploy`;
export const settingsFile = (folder: string): string => `${folder}/settings.json`;
export const registryFile = (folder: string): string => `${folder}/registry-credentials.json`;
