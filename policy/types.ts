import * as kinds from "./kinds";
import { fact, resourceRule } from "./rule";

const components = [
  "Alerts",
  "AppContainer",
  "AppImage",
  "AppRollout",
  "Backups",
  "DeployKeys",
  "Environment",
  "Host",
  "Nginx",
  "NginxSite",
  "Pipeline",
  "SiteCertificate",
].map((name) => `vps:components:${name}`);

const providers = ["b2", "command", "docker", "github", "pulumi", "random", "vps"].map(
  (name) => `pulumi:providers:${name}`,
);

/** Every type of resource that the program declares. */
export const declaredTypes: readonly string[] = [
  ...components,
  ...providers,
  "pulumi:pulumi:Stack",
  "random:index/randomId:RandomId",
  "random:index/randomPassword:RandomPassword",
  kinds.container.type,
  kinds.remoteImage.type,
  kinds.network.type,
  kinds.remoteCommand.type,
  kinds.fileSet.type,
  kinds.certificate.type,
  kinds.rollout.type,
  kinds.bucket.type,
  kinds.applicationKey.type,
  kinds.repositoryFile.type,
  kinds.pullRequest.type,
  kinds.environment.type,
  kinds.deploymentPolicy.type,
  kinds.ruleset.type,
];

export const resourceType = resourceRule({
  name: "resource-type",
  why: "The stack has only types of resources that the rules know. Another type can start programs, open ports or store keys, and no rule would check it",
  source: "docs/decisions/0028-policies-and-the-state-scan.md",
  fix: "use a type that the program already declares; for a new type, add it to policy/types.ts together with rules for its inputs",
  facts: [{ type: undefined, facts: ({ type }) => [fact("type", () => type)] }],
  holds: (type) => declaredTypes.includes(type),
});
