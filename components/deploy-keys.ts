import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { gateOf } from "../config/health";
import { installDeployUser } from "../host/deploy/login";
import { deploySettingsSchema, registryFile, settingsFolder } from "../host/deploy/settings";
import { deploySet } from "../host/sets/deploy";
import type { Host } from "./host";
import { registryLogins } from "./docker-provider";
import { commandConnection } from "./command-connection";
import { FileSet } from "./resources/file-set";
import { rolloutSettings } from "./rollout-settings";
import type { ServerConfig } from "./stack-config";

type DeployKeysConfig = Pick<
  ServerConfig,
  "connection" | "app" | "health" | "rollout" | "site" | "image" | "network" | "host" | "registryToken"
>;

/** Tags of both kinds. The server puts the tag that it deploys in their place. */
const [anyCommit, anyOtherTag] = ["0".repeat(40), "latest"] as const;

/** Keys that can deploy, roll back and ask for the state, and nothing else (docs/decisions/0036). */
class DeployKeys extends pulumi.ComponentResource {
  constructor(name: string, config: DeployKeysConfig, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:DeployKeys", name, {}, opts);
    const { app, connection, host, image, network } = config;
    const user = this.user(name, config);
    const { repository } = image;
    const gates = { commit: gateOf(config.health, anyCommit), other: gateOf(config.health, anyOtherTag) };
    const shared = { ...rolloutSettings(config), gates };
    const settings = deploySettingsSchema.parse({ ...shared, repository, subnet: network.subnet });
    const set = new FileSet(
      `${name}-login`,
      { connection, app: app.name, ...deploySet(settings, host.deployKeys) },
      { parent: this, dependsOn: user },
    );
    const [login] = registryLogins(config);
    if (login?.username !== undefined && config.registryToken) {
      const content = config.registryToken.apply((password) =>
        JSON.stringify({ username: login.username, password, serveraddress: login.address }),
      );
      const entry = { kind: "file" as const, content: pulumi.secret(content), mode: "0600" };
      new FileSet(
        `${name}-registry`,
        { connection, app: app.name, entries: { [registryFile(settingsFolder(app.name))]: entry } },
        { parent: this, dependsOn: set },
      );
    }
    this.registerOutputs({});
  }

  private user(name: string, { app, connection }: DeployKeysConfig): command.remote.Command {
    const { host, hostKey } = connection;
    return new command.remote.Command(
      `${name}-user`,
      {
        connection: commandConnection(connection),
        create: installDeployUser(connection, app.name),
        triggers: [host, hostKey],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, deleteBeforeReplace: false },
    );
  }
}

/** Declares the keys of `host.deployKeys`, if there are any. */
export function declareDeployKeys(name: string, config: DeployKeysConfig, host: Host): void {
  if (config.host.deployKeys.length > 0) new DeployKeys(name, config, { dependsOn: [...host.ready] });
}
