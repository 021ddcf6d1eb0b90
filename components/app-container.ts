import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import type { StackConfig } from "./stack-config";
import { FileSet } from "./resources/file-set";
import { strayContainerHook, strayNetworkHook } from "./resources/stray-hook";
import type { AppImage } from "./app-image";
import type { Environment } from "./environment";
import type { Host } from "./host";
import { hostName, hostServiceOf } from "./host-service";
import { gatewayOf, releaseAddress } from "../host/rollout/release-address";

export interface AppContainerArgs {
  readonly config: Pick<StackConfig, "app" | "network" | "rollout" | "environment">;
  readonly host: Host;
  readonly image: AppImage;
  readonly environment: Environment;
}

/** For `docker ps` and whoever watches it; nothing is done about it: the rollout has a gate of its own. */
const healthProbe = (port: number): string =>
  `fetch("http://127.0.0.1:${port}/api/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

/** What shapes a container beside its image and environment, as plain values. */
const containerSettings = ({ app, rollout }: AppContainerArgs["config"]) => ({
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
  stopTimeout: rollout.stopSeconds,
  logDriver: "journald",
  // By this the journal finds the lines of every release of the app.
  logOpts: { tag: app.name },
  // Half of what nginx and sshd have: the app gives way when the processor is short.
  cpuShares: 512,
  healthcheck: {
    tests: ["CMD", "node", "--eval", healthProbe(app.port)],
    interval: "1m0s",
    timeout: "30s",
    startPeriod: "1m0s",
    retries: 3,
  },
});

const bind = (source: pulumi.Input<string>, target: string, readOnly: boolean) => ({
  type: "bind",
  source,
  target,
  readOnly,
});

const labelsOf = (labels: Readonly<Record<string, pulumi.Input<string>>>) =>
  Object.entries(labels).map(([label, value]) => ({ label, value }));

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
    const address = this.release.apply((release) => releaseAddress(args.config.network.subnet, release));
    this.target = address.apply((value) => ({ address: value, port: args.config.app.port }));
    const environmentFile = this.environmentFile(name, args);
    const network = this.network(name, args);
    this.created = [environmentFile, this.container(name, args, network, address, environmentFile)];
    this.registerOutputs({});
  }

  private releaseId(name: string, { config, image, environment }: AppContainerArgs): pulumi.Output<string> {
    const keepers = {
      digest: image.digest,
      tag: image.tag,
      environment: environment.text.apply(sha256),
      settings: sha256(JSON.stringify([containerSettings(config), config.app.port, config.network.subnet])),
    };
    return new random.RandomId(`${name}-release`, { byteLength: 4, keepers }, { parent: this }).hex;
  }

  private environmentFile(name: string, { config, host, environment }: AppContainerArgs): FileSet {
    const { app } = config;
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

  private network(name: string, { config, host }: AppContainerArgs): docker.Network {
    const { app, network } = config;
    return new docker.Network(
      `${name}-network`,
      {
        name: app.name,
        driver: "bridge",
        ipamConfigs: [{ subnet: network.subnet, gateway: gatewayOf(network.subnet) }],
        labels: labelsOf({ app: app.name }),
      },
      {
        parent: this,
        provider: host.docker,
        dependsOn: [...host.ready],
        replacementTrigger: host.machineId,
        hooks: { beforeCreate: [strayNetworkHook(host.connection, app.name)] },
      },
    );
  }

  private container(
    name: string,
    args: AppContainerArgs,
    network: docker.Network,
    ipv4Address: pulumi.Output<string>,
    environmentFile: FileSet,
  ): docker.Container {
    const { config, host, image } = args;
    const { app } = config;
    const service = hostServiceOf(config);
    return new docker.Container(
      `${name}-container`,
      {
        ...containerSettings(config),
        name: pulumi.interpolate`${app.name}-${this.release}`,
        image: image.reference,
        labels: labelsOf({ app: app.name, release: this.release, "image-tag": image.tag, digest: image.digest }),
        networksAdvanced: [{ name: network.name, ipv4Address }],
        mounts: [
          bind(`/opt/${app.name}/data`, "/app/data", false),
          bind(pulumi.interpolate`/opt/${app.name}/config/releases/${this.release}.env`, "/app/.env.production", true),
        ],
        ...(service && { hosts: [{ host: hostName, ip: service.gateway }] }),
        mustRun: true,
      },
      {
        parent: this,
        provider: host.docker,
        dependsOn: [image.pulled, environmentFile],
        // The plugin's own default deletes the serving container before it creates the new one: an outage a deploy.
        deleteBeforeReplace: false,
        replacementTrigger: host.machineId,
        retainOnDelete: true,
        hooks: { beforeCreate: [strayContainerHook(host.connection, app.name)] },
      },
    );
  }
}
