import * as pulumi from "@pulumi/pulumi";
import { gateOf } from "../config/health";
import type { StackConfig } from "./stack-config";
import type { Deployment } from "../host/rollout/deployment";
import type { ClusterServer } from "../config/cluster-servers";
import type { ServedImage } from "../host/rollout/records";
import { Rollout } from "./resources/rollout";
import { rolloutSettings } from "./rollout-settings";
import type { AppContainer } from "./app-container";
import type { AppImage } from "./app-image";
import type { NginxSite } from "./nginx-site";

export interface AppRolloutArgs {
  readonly config: Pick<StackConfig, "connection" | "app" | "rollout" | "health" | "site">;
  readonly image: AppImage;
  readonly container: Pick<AppContainer, "release" | "created">;
  /** The servers of a cluster. Empty for one server. */
  readonly servers: readonly ClusterServer[];
  /** The public site on each server, through which the rollout proves the release. */
  readonly sites: readonly NginxSite[];
}

const placeInRollout = ({ name, connection, isDown }: ClusterServer) => ({
  name,
  connection,
  ...(isDown && { isDown }),
});

/** The rollout of the container: it becomes the active release once it is proved healthy. */
export class AppRollout extends pulumi.ComponentResource {
  readonly imageTag: pulumi.Output<string>;
  readonly previousImageTag: pulumi.Output<string>;
  readonly deployment: pulumi.Output<Deployment>;
  readonly releases: pulumi.Output<readonly ServedImage[]>;

  constructor(name: string, args: AppRolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppRollout", name, {}, opts);
    const { config, image, container, servers, sites } = args;
    const settings = rolloutSettings(config);
    const { repository, tag, digest } = image;
    const release = new Rollout(
      `${name}-release`,
      {
        ...settings,
        release: container.release,
        image: { repository, tag, digest },
        gate: gateOf(config.health, tag),
        ...(servers.length > 0 && { cluster: servers.map(placeInRollout) }),
      },
      { parent: this, dependsOn: [...container.created, ...sites] },
    );
    this.imageTag = release.imageTag;
    this.previousImageTag = release.previousImageTag;
    this.deployment = release.deployment;
    this.releases = release.releases;
    this.registerOutputs({});
  }
}
