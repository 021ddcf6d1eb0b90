import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";

export interface AppImageArgs {
  readonly host: Host;
  /** `ghcr.io/<owner>/<repo>` */
  readonly repository: string;
  /** Commit SHA. */
  readonly tag: string;
  /** `sha256:...` */
  readonly digest: string;
}

/** The image of one release. The server pulls it by the digest of its tag and keeps it. */
export class AppImage extends pulumi.ComponentResource {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:...` */
  readonly digest: string;
  /** The pulled image. A container of the image depends on it. */
  readonly pulled: docker.RemoteImage;
  /** `<repository>@<digest>` */
  readonly reference: string;

  constructor(name: string, args: AppImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppImage", name, {}, opts);
    const { host, repository, tag, digest } = args;
    this.repository = repository;
    this.tag = tag;
    this.digest = digest;
    this.reference = `${repository}@${digest}`;
    this.pulled = new docker.RemoteImage(
      `${name}-pulled`,
      { name: this.reference, keepLocally: true },
      { parent: this, provider: host.docker, dependsOn: [...host.ready], replacementTrigger: host.machineId },
    );
    this.registerOutputs({});
  }
}
