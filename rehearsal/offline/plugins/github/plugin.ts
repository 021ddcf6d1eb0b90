import { bridged } from "../bridge/bridged";
import type { Plugin } from "../plugin";
import { sdkVersion } from "../sdk-version";
import { mapProperties, withSecrets, type Value } from "../value";
import { deploymentPolicy, repositoryEnvironment } from "./environment";
import { repositoryFile } from "./file";
import { repositoryPullRequest } from "./pull-request";
import { RestApi } from "./rest-api";
import { repositoryRuleset } from "./ruleset";
import { actionsEnvironmentSecret, actionsSecret } from "./secret";
import { actionsVariable } from "./variable";

/** The bridge keeps numbers and flags of a provider's configuration as texts. */
const asText = (value: Value): Value =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : value;

/** Stands in for the plugin `github`; checked against recordings of 6.15.0 in test/conformance. */
export function github(environment: NodeJS.ProcessEnv = process.env): Plugin {
  let configured: RestApi | undefined;
  const api = (): RestApi => {
    if (configured === undefined) throw new Error("github: the engine called a resource before Configure");
    return configured;
  };
  return {
    version: sdkVersion("github"),
    capabilities: { supportsPreview: true, supportsAutonamingConfiguration: true },
    resources: {
      "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": bridged(actionsEnvironmentSecret(api)),
      "github:index/actionsSecret:ActionsSecret": bridged(actionsSecret(api)),
      "github:index/actionsVariable:ActionsVariable": bridged(actionsVariable(api)),
      "github:index/repositoryEnvironment:RepositoryEnvironment": bridged(repositoryEnvironment(api)),
      "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy": bridged(
        deploymentPolicy(api),
      ),
      "github:index/repositoryFile:RepositoryFile": bridged(repositoryFile(api)),
      "github:index/repositoryPullRequest:RepositoryPullRequest": bridged(repositoryPullRequest(api)),
      "github:index/repositoryRuleset:RepositoryRuleset": bridged(repositoryRuleset(api)),
    },
    checkConfig: (inputs) => withSecrets(mapProperties(inputs, asText), ["token"]),
    configure: async (args) => {
      configured = await RestApi.open(args, environment);
    },
  };
}
