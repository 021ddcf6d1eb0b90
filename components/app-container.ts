import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import { FileSet } from "../resources/file-set";
import type { AppImage } from "./app-image";
import type { Environment } from "./environment";
import type { Host } from "./host";
import { gatewayOf, releaseAddress } from "./release-address";

export interface AppContainerArgs {
  readonly host: Host;
  readonly app: { readonly name: string; readonly port: number; readonly uid: number; readonly memoryMb: number };
  readonly image: AppImage;
  readonly environment: Environment;
  /** The app's own /16. */
  readonly subnet: string;
  /** From SIGTERM to SIGKILL. */
  readonly stopSeconds: number;
}

/** What shapes a container beside its image and environment, as plain values. */
export function containerSettings({ app, stopSeconds }: Pick<AppContainerArgs, "app" | "stopSeconds">) {
  return {
    user: `${app.uid}:${app.uid}`,
    memory: app.memoryMb,
    // Without it Docker allows as much swap again, and every refresh shows a difference.
    memorySwap: app.memoryMb,
    readOnly: true,
    // What Next.js and LanceDB write outside the data: never kept, never executed.
    tmpfs: {
      "/tmp": "rw,noexec,nosuid,nodev,size=256m,mode=1777",
      "/app/.next/cache": `rw,noexec,nosuid,nodev,size=256m,uid=${app.uid},gid=${app.uid},mode=0750`,
    },
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    init: true,
    restart: "unless-stopped",
    stopTimeout: stopSeconds,
    logDriver: "journald",
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * One release: its id, its environment file, its container on the app's network. Everything of it is new for every
 * change, also when going back to an earlier tag, because the release before still runs beside it. The engine never
 * stops a container: it forgets old ones, and the Rollout ends their life.
 */
export class AppContainer extends pulumi.ComponentResource {
  /** Id of the release: 8 hexadecimal digits. */
  readonly release: pulumi.Output<string>;
  /** Where the app listens. */
  readonly target: pulumi.Output<{ address: string; port: number }>;
  /** What a rollout waits for. */
  readonly created: readonly pulumi.Resource[];

  constructor(name: string, args: AppContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppContainer", name, {}, opts);
    this.release = this.releaseId(name, args);
    const address = this.release.apply((release) => releaseAddress(args.subnet, release));
    this.target = address.apply((value) => ({ address: value, port: args.app.port }));
    const environmentFile = this.environmentFile(name, args);
    const network = this.network(name, args);
    this.created = [environmentFile, this.container(name, args, network, address, environmentFile)];
    this.registerOutputs({});
  }

  private releaseId(name: string, args: AppContainerArgs): pulumi.Output<string> {
    const keepers = {
      digest: args.image.digest,
      tag: args.image.tag,
      environment: args.environment.text.apply(sha256),
      settings: sha256(JSON.stringify([containerSettings(args), args.app.port, args.subnet])),
    };
    return new random.RandomId(`${name}-release`, { byteLength: 4, keepers }, { parent: this }).hex;
  }

  private environmentFile(name: string, { host, app, environment }: AppContainerArgs): FileSet {
    const entries = pulumi.all([this.release, environment.text]).apply(([release, content]) => ({
      [`/opt/${app.name}/config/releases/${release}.env`]: {
        kind: "file" as const,
        content,
        mode: "0400",
        // All capabilities are dropped, so only the owner can read it.
        owner: `${app.uid}:${app.uid}`,
      },
    }));
    return new FileSet(
      `${name}-environment`,
      {
        connection: host.connection,
        // A set of its own for each release: the file of the release before must stay.
        set: pulumi.interpolate`${app.name}-environment-${this.release}`,
        entries: pulumi.secret(entries),
      },
      { parent: this, dependsOn: [...host.ready], retainOnDelete: true },
    );
  }

  private network(name: string, { host, app, subnet }: AppContainerArgs): docker.Network {
    return new docker.Network(
      `${name}-network`,
      {
        name: app.name,
        driver: "bridge",
        ipamConfigs: [{ subnet, gateway: gatewayOf(subnet) }],
        labels: [{ label: "app", value: app.name }],
      },
      { parent: this, provider: host.docker, dependsOn: [...host.ready] },
    );
  }

  private container(
    name: string,
    args: AppContainerArgs,
    network: docker.Network,
    ipv4Address: pulumi.Output<string>,
    environmentFile: FileSet,
  ): docker.Container {
    const { host, app, image } = args;
    const bind = (source: pulumi.Input<string>, target: string, readOnly: boolean) => ({
      type: "bind",
      source,
      target,
      readOnly,
    });
    return new docker.Container(
      `${name}-container`,
      {
        ...containerSettings(args),
        name: pulumi.interpolate`${app.name}-${this.release}`,
        image: image.reference,
        labels: [
          { label: "app", value: app.name },
          { label: "release", value: this.release },
          { label: "image-tag", value: image.tag },
          { label: "digest", value: image.digest },
        ],
        networksAdvanced: [{ name: network.name, ipv4Address }],
        mounts: [
          bind(`/opt/${app.name}/data`, "/app/data", false),
          bind(pulumi.interpolate`/opt/${app.name}/config/releases/${this.release}.env`, "/app/.env.production", true),
        ],
        mustRun: true,
      },
      {
        parent: this,
        provider: host.docker,
        dependsOn: [image.pulled, environmentFile],
        // The plugin's own default deletes the serving container before it creates the new one: an outage a deploy.
        deleteBeforeReplace: false,
        retainOnDelete: true,
      },
    );
  }
}
