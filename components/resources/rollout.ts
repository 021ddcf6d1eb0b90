import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Connection } from "../../host/connection";
import type { KeepAssets } from "../../host/rollout/assets";
import type { Deployment } from "../../host/rollout/deployment";
import type { gateSchema } from "../../host/rollout/inputs";
import type { ServedImage } from "../../host/rollout/records";

export interface RolloutArgs {
  connection: pulumi.Input<Connection>;
  /** Name of the app. */
  app: pulumi.Input<string>;
  /** Public name of the site. */
  domain: pulumi.Input<string>;
  /** Id of the release; its container is `<app>-<release>`. */
  release: pulumi.Input<string>;
  /** Port of the container on which the app listens. */
  port: pulumi.Input<number>;
  image: pulumi.Input<{ repository: pulumi.Input<string>; tag: pulumi.Input<string>; digest: pulumi.Input<string> }>;
  /** When a release counts as healthy; docs/data-model.md section 6 gives the defaults. */
  gate?: pulumi.Input<z.input<typeof gateSchema>>;
  /** How long the new release is watched after the switch. @default 10 */
  soakSeconds?: pulumi.Input<number>;
  /** Beyond the soak: the server reverts a cutover that is not confirmed in this time. @default 60 */
  confirmSeconds?: pulumi.Input<number>;
  /** @default 30 */
  drainSeconds?: pulumi.Input<number>;
  /** From SIGTERM to SIGKILL. @default 30 */
  stopSeconds?: pulumi.Input<number>;
  /** @default 512 */
  pidsLimit?: pulumi.Input<number>;
  /** @default 5 */
  keepImages?: pulumi.Input<number>;
  /** Files of the image that outlive the release. */
  keepAssets?: pulumi.Input<KeepAssets>;
  /** The servers of a cluster, that of `connection` first. Omit it for one server. */
  cluster?: pulumi.Input<{ name: string; connection: Connection; isDown?: true }[]>;
}

/**
 * Makes a new container the active release: health gate, cutover without a lost request, proof, drain, record. If it fails,
 * the release that served continues to serve. Its `delete` removes the app's containers, and leaves data, records and images.
 */
export class Rollout extends pulumi.CustomResource {
  static readonly __pulumiType = "vps:index:Rollout";

  declare readonly imageTag: pulumi.Output<string>;
  declare readonly previousImageTag: pulumi.Output<string>;
  declare readonly deployment: pulumi.Output<Deployment>;
  declare readonly releases: pulumi.Output<readonly ServedImage[]>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { imageTag: undefined, previousImageTag: undefined, deployment: undefined, releases: undefined };
    super(Rollout.__pulumiType, name, { ...args, ...outputs }, opts);
  }
}
