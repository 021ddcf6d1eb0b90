import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { sha256 } from "../host/sha256";
import type { ServerConfig } from "./stack-config";
import { FileSet } from "./resources/file-set";
import { strayNetworkHook } from "./resources/stray-hook";
import type { AppImage } from "./app-image";
import type { Environment } from "./environment";
import type { Host } from "./host";
import { dataMounts } from "../host/data/layout";
import { hostName, hostServiceOf } from "./host-service";
import { gatewayOf, releaseAddress } from "../host/rollout/release-address";

export interface AppContainerArgs {
  readonly config: Pick<ServerConfig, "app" | "network" | "rollout" | "variables" | "health" | "data">;
  readonly host: Host;
  readonly image: AppImage;
  readonly environment: Environment;
}

/** The mount options of each writable path. `/tmp` is everybody's, the others are the app's. */
export function writablePaths({ writable, uid }: ServerConfig["app"]): Record<string, string> {
  const { "/tmp": tmp = "256m", ...others } = writable;
  const own = Object.entries(others).map(([path, size]) => [
    path,
    `rw,noexec,nosuid,nodev,size=${size},uid=${uid},gid=${uid},mode=0750`,
  ]);
  return {
    "/tmp": `rw,noexec,nosuid,nodev,size=${tmp},mode=1777`,
    ...(Object.fromEntries(own) as Record<string, string>),
  };
}

const usualFile = "/app/.env.production";

/** How the variables are delivered, as far as it is another way than an earlier version's: that one must stay the same release. */
const deliverySettings = ({ deliver, environmentFile }: ServerConfig["app"]): readonly string[] => [
  ...(deliver === "environmentFile" ? [] : [deliver]),
  ...(deliver === "process" || environmentFile === usualFile ? [] : [environmentFile]),
];

/** The settings of a container besides image and environment, as plain values. */
const containerSettings = ({ app, rollout, health }: AppContainerArgs["config"]) => ({
  user: `${app.uid}:${app.uid}`,
  memory: app.memoryMb,
  // Without it Docker allows as much swap again, and every refresh shows a difference.
  memorySwap: app.memoryMb,
  readOnly: true,
  // The app writes here outside the data. It is not kept and cannot be executed.
  tmpfs: writablePaths(app),
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges"],
  init: true,
  restart: "unless-stopped",
  stopTimeout: rollout.stopSeconds,
  logDriver: "journald",
  // The journal finds the lines of every release of the app by this tag.
  logOpts: { tag: app.name },
  // Half of the share of nginx and sshd: they come first when the processor is busy.
  cpuShares: 512,
  ...(app.cpus !== undefined && { cpus: String(app.cpus) }),
  ...(app.command && { command: app.command }),
  // Only for `docker ps` and monitoring. The rollout has its own gate.
  ...(health.command && {
    healthcheck: {
      tests: ["CMD", ...health.command],
      interval: "1m0s",
      timeout: "30s",
      startPeriod: "1m0s",
      retries: 3,
    },
  }),
});

const bind = (source: pulumi.Input<string>, target: string, readOnly: boolean) => ({
  type: "bind",
  source,
  target,
  readOnly,
});

/** Labels as the Docker plugin takes them. */
export const labelsOf = (labels: Readonly<Record<string, pulumi.Input<string>>>) =>
  Object.entries(labels).map(([label, value]) => ({ label, value }));

const releaseLabels = ({ config: { app }, image }: AppContainerArgs, id: pulumi.Output<string>) =>
  labelsOf({
    app: app.name,
    "image-tag": image.tag,
    digest: image.digest,
    // Without a mount of the file, the label says which one belongs to the release.
    ...(app.deliver === "process" && { "environment-file": id }),
  });

const mountsOf = ({ app, data }: Pick<ServerConfig, "app" | "data">, id: pulumi.Output<string>) => [
  ...dataMounts(app.name, data).map(({ source, target }) => bind(source, target, false)),
  ...(app.deliver === "process"
    ? []
    : [bind(pulumi.interpolate`/opt/${app.name}/config/releases/${id}.env`, app.environmentFile, true)]),
];

/**
 * One release: its environment file and its container on the app's network. Each change makes a new one, also a rollback,
 * because the previous release still runs beside it. The engine never starts or stops a container: it creates new ones and
 * forgets old ones, and the Rollout does the rest.
 */
export class AppContainer extends pulumi.ComponentResource {
  /** Id of the release: the hexadecimal digits at the end of the container's name. */
  readonly release: pulumi.Output<string>;
  /** The resources that must exist before a rollout. */
  readonly created: readonly pulumi.Resource[];

  constructor(name: string, args: AppContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppContainer", name, {}, opts);
    const id = this.configurationId(name, args);
    const environmentFile = this.environmentFile(name, args, id);
    const container = this.container(name, args, id, this.network(name, args), environmentFile);
    this.release = container.name.apply((full) => full.slice(args.config.app.name.length + 1));
    this.created = [environmentFile, container];
    this.registerOutputs({});
  }

  /** Changes with image, environment and settings. It is in the container's inputs, so each of these replaces the container. */
  private configurationId(name: string, { config, image, environment }: AppContainerArgs): pulumi.Output<string> {
    const keepers = {
      digest: image.digest,
      tag: image.tag,
      environment: environment.hash,
      settings: sha256(
        JSON.stringify([
          containerSettings(config),
          config.app.port,
          config.network.subnet,
          ...deliverySettings(config.app),
        ]),
      ),
    };
    return new random.RandomId(`${name}-release`, { byteLength: 4, keepers }, { parent: this }).hex;
  }

  private environmentFile(
    name: string,
    { config, host, environment }: AppContainerArgs,
    id: pulumi.Output<string>,
  ): FileSet {
    const { app } = config;
    const entries = pulumi.all([id, environment.text]).apply(([file, content]) => ({
      [`/opt/${app.name}/config/releases/${file}.env`]: {
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
        app: app.name,
        // Each file is a set of its own: the file of the previous release must stay.
        set: pulumi.interpolate`${app.name}-environment-${id}`,
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
        // The plugin's default deletes the network of a former name first, which fails while its release serves.
        deleteBeforeReplace: false,
        replacementTrigger: host.machineId,
        hooks: { beforeCreate: [strayNetworkHook(host.connection, app.name)] },
      },
    );
  }

  private container(
    name: string,
    args: AppContainerArgs,
    id: pulumi.Output<string>,
    network: docker.Network,
    environmentFile: FileSet,
  ): docker.Container {
    const { config, host, image, environment } = args;
    const { app } = config;
    const service = hostServiceOf(config);
    return new docker.Container(
      // The engine names a container after its resource and adds seven random digits, new ones for each replacement. So a
      // container that is replaced for any reason, such as a new version of the Docker plugin, is a release of its own.
      app.name,
      {
        ...containerSettings(config),
        image: image.reference,
        labels: releaseLabels(args, id),
        ...(environment.assignments && { envs: environment.assignments }),
        networksAdvanced: [
          { name: network.name, ipv4Address: id.apply((digits) => releaseAddress(config.network.subnet, digits)) },
        ],
        mounts: mountsOf(config, id),
        ...(service && { hosts: [{ host: hostName, ip: service.gateway }] }),
        // The rollout starts it, once it holds the lock and has set the limit of processes.
        start: false,
        mustRun: false,
      },
      {
        parent: this,
        provider: host.docker,
        dependsOn: [image.pulled, environmentFile],
        // The plugin's default deletes the active container before it creates the new one: an outage at each deployment.
        deleteBeforeReplace: false,
        replacementTrigger: host.machineId,
        retainOnDelete: true,
        aliases: [{ name: `${name}-container` }],
      },
    );
  }
}
