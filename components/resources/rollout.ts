import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Connection } from "../../host/connection";
import type { Deployment, ServedImage } from "../../host/rollout/deployment";
import type { gateSchema } from "../../host/rollout/inputs";

export interface RolloutArgs {
  connection: pulumi.Input<Connection>;
  /** Name of the app. */
  app: pulumi.Input<string>;
  /** Public name of the site. */
  domain: pulumi.Input<string>;
  /** Id of the release; its container is `<app>-<release>`. */
  release: pulumi.Input<string>;
  /** Where the release's container listens. */
  target: pulumi.Input<{ address: pulumi.Input<string>; port: pulumi.Input<number> }>;
  image: pulumi.Input<{ repository: pulumi.Input<string>; tag: pulumi.Input<string>; digest: pulumi.Input<string> }>;
  /** When a release counts as healthy; docs/data-model.md section 6 gives the defaults. */
  gate?: pulumi.Input<z.input<typeof gateSchema>>;
  /** How long the new release is watched after the cutover. @default 10 */
  soakSeconds?: pulumi.Input<number>;
  /** Beyond the soak: the host takes back a cutover that is not confirmed in this time. @default 60 */
  confirmSeconds?: pulumi.Input<number>;
  /** @default 30 */
  drainSeconds?: pulumi.Input<number>;
  /** From SIGTERM to SIGKILL. @default 30 */
  stopSeconds?: pulumi.Input<number>;
  /** @default 512 */
  pidsLimit?: pulumi.Input<number>;
  /** @default 5 */
  keepImages?: pulumi.Input<number>;
}

/**
 * Makes a container that was created beside the serving one the serving one: health gate, cutover without a lost
 * request, proof, drain, record. When it fails, the release that served goes on serving. Its `delete` removes the
 * app's containers, and leaves data, records and images.
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
