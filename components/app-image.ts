import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";

export interface AppImageArgs {
  readonly host: Host;
  /** `ghcr.io/<owner>/<repo>` */
  readonly repository: string;
  /** Commit SHA. */
  readonly tag: string;
  /** Digest, where an earlier deployment recorded it: the registry is then not asked, so a rollback works without it. */
  readonly knownDigest: string | undefined;
}

/** The image of one release: its tag resolved to a digest, pulled on the host by that digest, kept there. */
export class AppImage extends pulumi.ComponentResource {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:...` */
  readonly digest: pulumi.Output<string>;
  /** The pulled image: what a container of it waits for. */
  readonly pulled: docker.RemoteImage;
  /** `<repository>@<digest>` */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: AppImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppImage", name, {}, opts);
    const { host, repository, tag, knownDigest } = args;
    this.repository = repository;
    this.tag = tag;
    this.digest = knownDigest ? pulumi.output(knownDigest) : this.resolve(host);
    this.reference = pulumi.interpolate`${repository}@${this.digest}`;
    this.pulled = new docker.RemoteImage(
      `${name}-pulled`,
      { name: this.reference, keepLocally: true },
      { parent: this, provider: host.docker, dependsOn: [...host.ready], replacementTrigger: host.machineId },
    );
    this.registerOutputs({});
  }

  private resolve(host: Host): pulumi.Output<string> {
    const name = `${this.repository}:${this.tag}`;
    return docker.getRegistryImageOutput({ name }, { parent: this, provider: host.docker }).sha256Digest;
  }
}
