import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "./stack-config";
import type { Deployment, ServedImage } from "../host/rollout/deployment";
import { Rollout } from "./resources/rollout";
import type { AppContainer } from "./app-container";
import type { AppImage } from "./app-image";
import type { NginxSite } from "./nginx-site";

export interface AppRolloutArgs {
  readonly config: Pick<StackConfig, "connection" | "app" | "rollout">;
  readonly image: AppImage;
  readonly container: AppContainer;
  /** The public site, through which the rollout proves the release. */
  readonly site: NginxSite;
}

/** The release that serves: the container, once it is proved healthy, takes the place of the one before. */
export class AppRollout extends pulumi.ComponentResource {
  readonly imageTag: pulumi.Output<string>;
  readonly previousImageTag: pulumi.Output<string>;
  readonly deployment: pulumi.Output<Deployment>;
  readonly releases: pulumi.Output<readonly ServedImage[]>;

  constructor(name: string, args: AppRolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppRollout", name, {}, opts);
    const { config, image, container, site } = args;
    const { app, connection, rollout } = config;
    const { repository, tag, digest } = image;
    const release = new Rollout(
      `${name}-release`,
      {
        connection,
        app: app.name,
        domain: app.domain,
        release: container.release,
        target: container.target,
        image: { repository, tag, digest },
        gate: { ...rollout.gate, version: tag },
        soakSeconds: rollout.soakSeconds,
        drainSeconds: rollout.drainSeconds,
        stopSeconds: rollout.stopSeconds,
      },
      { parent: this, dependsOn: [...container.created, site] },
    );
    this.imageTag = release.imageTag;
    this.previousImageTag = release.previousImageTag;
    this.deployment = release.deployment;
    this.releases = release.releases;
    this.registerOutputs({});
  }
}
