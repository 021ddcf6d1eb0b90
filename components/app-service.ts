import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { groupOf, type ClusterServer } from "../config/cluster-servers";
import { sha256 } from "../host/sha256";
import { publishedPort } from "../host/swarm/published-port";
import { labelsOf, writablePaths } from "./app-container";
import type { AppImage } from "./app-image";
import { strayNetworkHook, strayServiceHook } from "./resources/stray-hook";
import type { Environment } from "./environment";
import type { ServerConfig } from "./stack-config";

export interface AppServiceArgs {
  readonly config: Pick<ServerConfig, "app" | "connection" | "network" | "rollout">;
  /** Docker on a manager. */
  readonly docker: docker.Provider;
  /** The servers: each one has one task. */
  readonly servers: readonly Pick<ClusterServer, "name">[];
  readonly image: AppImage;
  readonly environment: Environment;
}

/** Go's form of a duration, as Docker gives it back. */
const duration = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;

/**
 * The writable paths in memory, with the options that a container has. They are volumes: a mount of the type `tmpfs` has no
 * owner, and Debian's runc 1.1 gives it the mode of the image's folder, so that the app cannot write. Without a name Swarm
 * would leave a volume for each task.
 */
const writableVolumes = ({ app }: Pick<ServerConfig, "app">, release: string) =>
  Object.entries(writablePaths(app)).map(([target, options]) => ({
    ...{ type: "volume", source: `${app.name}-${release}${target.replaceAll("/", "-")}`, target },
    volumeOptions: {
      ...{ driverName: "local", noCopy: true },
      driverOptions: { type: "tmpfs", device: "tmpfs", o: options },
      labels: labelsOf({ app: app.name, release }),
    },
  }));

/** The settings of the tasks besides image and environment, as plain values. */
const taskSettings = ({ config: { app, rollout }, servers }: Pick<AppServiceArgs, "config" | "servers">) => ({
  containerSpec: {
    ...{ init: true, readOnly: true, user: `${app.uid}:${app.uid}`, capDrops: ["ALL"] },
    stopGracePeriod: duration(rollout.stopSeconds),
    // Swarm ends a task that Docker's health check finds unhealthy. The rollout has its own gate, and the app ends by itself.
    healthcheck: { tests: ["NONE"], interval: "0s", timeout: "0s", startPeriod: "0s", retries: 0 },
    ...(app.command && { args: app.command }),
  },
  // The journal finds the lines of every release of the app by this tag.
  logDriver: { name: "journald", options: { tag: app.name } },
  placement: { maxReplicas: 1, constraints: [`node.labels.${groupOf(servers)}==yes`] },
  resources: {
    limits: {
      memoryBytes: app.memoryMb * 2 ** 20,
      ...(app.cpus !== undefined && { nanoCpus: Math.round(app.cpus * 1e9) }),
    },
  },
  // Without the window every refresh shows a difference.
  restartPolicy: { condition: "any", delay: "1s", window: "0s" },
});

/** A port on each server, without a virtual IP, which needs a module of the kernel that not every server has. */
const endpointOf = (targetPort: number, release: pulumi.Output<string>) => ({
  mode: "dnsrr",
  ports: [{ protocol: "tcp", publishMode: "host", targetPort, publishedPort: release.apply(publishedPort) }],
});

/**
 * One release on a cluster: its secret and its service, with one task on each server. Each change makes a new one beside the
 * present one. The engine forgets old ones, and the Rollout ends and removes them.
 */
export class AppService extends pulumi.ComponentResource {
  /** Id of the release: the hexadecimal digits at the end of the service's name. */
  readonly release: pulumi.Output<string>;
  /** The resources that must exist before a rollout. */
  readonly created: readonly pulumi.Resource[];

  constructor(name: string, args: AppServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:AppService", name, {}, opts);
    this.release = this.releaseId(name, args);
    const secret = args.config.app.deliver === "process" ? undefined : this.secret(name, args);
    const service = this.service(name, args, this.network(name, args), secret);
    this.created = secret ? [secret, service] : [service];
    this.registerOutputs({});
  }

  /** Changes with image, environment, settings and servers. */
  private releaseId(name: string, args: AppServiceArgs): pulumi.Output<string> {
    const { config, image, environment, servers } = args;
    const { app } = config;
    const settings = [
      ...[taskSettings(args), writablePaths(app), app.port],
      ...[app.deliver, app.environmentFile, servers.length],
    ];
    const keepers = {
      digest: image.digest,
      tag: image.tag,
      environment: environment.hash,
      settings: sha256(JSON.stringify(settings)),
    };
    return new random.RandomId(`${name}-service-release`, { byteLength: 4, keepers }, { parent: this }).hex;
  }

  /** One network for all servers. Swarm chooses its addresses from those that the first server gave. */
  private network(name: string, { config, docker: provider }: AppServiceArgs): docker.Network {
    const { app, connection } = config;
    const network = `${app.name}-cluster`;
    const labels = labelsOf({ app: app.name });
    const hooks = { beforeCreate: [strayNetworkHook(connection, app.name, network)] };
    return new docker.Network(
      `${name}-overlay`,
      { name: network, driver: "overlay", attachable: false, options: { encrypted: "true" }, labels },
      // Swarm adds options of its own, and each update would replace the network.
      { parent: this, provider, ignoreChanges: ["options"], deleteBeforeReplace: false, hooks },
    );
  }

  private secret(name: string, { config, docker: provider, environment }: AppServiceArgs): docker.Secret {
    const { app, connection } = config;
    const hooks = { beforeCreate: [strayServiceHook(connection, app.name, "secret")] };
    return new docker.Secret(
      `${name}-secret`,
      {
        name: pulumi.interpolate`${app.name}-env-${this.release}`,
        data: pulumi.secret(environment.text.apply((text) => Buffer.from(text).toString("base64"))),
        labels: labelsOf({ app: app.name }),
      },
      { parent: this, provider, deleteBeforeReplace: false, retainOnDelete: true, hooks },
    );
  }

  private service(
    name: string,
    args: AppServiceArgs,
    network: docker.Network,
    secret: docker.Secret | undefined,
  ): docker.Service {
    const { config, docker: provider, servers, image, environment } = args;
    const { app, connection } = config;
    const { release } = this;
    const hooks = { beforeCreate: [strayServiceHook(connection, app.name, "service")] };
    const { containerSpec, ...task } = taskSettings(args);
    const labels = { app: app.name, release };
    const facts = { "image-tag": image.tag, digest: image.digest, "environment-file": release };
    const container = {
      ...containerSpec,
      image: image.reference,
      mounts: release.apply((id) => writableVolumes(config, id)),
      labels: labelsOf({ ...labels, ...facts }),
      env: environment.assignments?.apply((all) => ({ ...listenEverywhere, ...variablesOf(all) })) ?? listenEverywhere,
      ...(secret && { secrets: [this.mounted(app, secret)] }),
    };
    return new docker.Service(
      `${name}-service`,
      {
        name: pulumi.interpolate`${app.name}-${release}`,
        labels: labelsOf(labels),
        mode: { replicated: { replicas: servers.length } },
        endpointSpec: endpointOf(app.port, release),
        taskSpec: { ...task, containerSpec: container, networksAdvanceds: [{ id: network.id }] },
      },
      { parent: this, provider, deleteBeforeReplace: false, retainOnDelete: true, hooks },
    );
  }

  /** All capabilities are dropped, so only the owner can read it. */
  private mounted({ environmentFile, uid }: ServerConfig["app"], { id, name }: docker.Secret) {
    const owner = String(uid);
    return {
      ...{ secretId: id, secretName: name },
      ...{ fileName: environmentFile, fileUid: owner, fileGid: owner, fileMode: 0o400 },
    };
  }
}

/**
 * Next.js listens on the address of HOSTNAME. Docker sets it to the name of the container, which in a task is the address in the
 * overlay network, and the published port leads to another one.
 */
const listenEverywhere = { HOSTNAME: "0.0.0.0" };

const variablesOf = (assignments: readonly string[]): Record<string, string> =>
  Object.fromEntries(assignments.map((text) => text.split(/=(.*)/s, 2) as [string, string]));
