import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { clusterServers, groupOf, type ClusterServer } from "../config/cluster-servers";
import type { ClusterPlace } from "../host/nginx/peers";
import { AppImage } from "./app-image";
import { placeOf, type DownServer } from "./cluster-servers";
import { dockerProvider } from "./docker-provider";
import { Host } from "./host";
import { firewallOf } from "./host-service";
import { Nginx } from "./nginx";
import { NginxSite } from "./nginx-site";
import { SwarmNode } from "./resources/swarm-node";
import { SiteCertificate } from "./site-certificate";
import type { ServerConfig } from "./stack-config";

/** Leaves a resource as it is in the state, so that the engine asks nothing of its server. */
const asItIs: pulumi.ResourceTransformation = ({ props, opts }) => ({
  props,
  opts: pulumi.mergeOptions(opts, { ignoreChanges: ["*"] }),
});

/** One of the servers beside the one of `host`: the same files, nginx and site, and a certificate of its own. */
class ClusterPeer {
  readonly nginx: Nginx;
  private readonly host: Host;
  private readonly name: string;
  private readonly config: ServerConfig;
  private readonly place: ClusterPlace | undefined;
  /** Options of each of its resources. */
  private readonly options: pulumi.ComponentResourceOptions;

  constructor(
    readonly server: ClusterServer,
    config: ServerConfig,
    all: readonly ClusterServer[],
  ) {
    const { connection } = server;
    this.name = `node-${server.name}`;
    this.config = { ...config, connection };
    this.place = placeOf(server, all);
    this.options = server.isDown ? { transformations: [asItIs] } : {};
    const { app, identity, data, sharing } = config;
    const provider: docker.Provider = dockerProvider(`${this.name}-docker`, this.config);
    const firewall = firewallOf(config, this.place);
    const hostArgs = { connection, app, identity, data, sharing, firewall, docker: provider, isInCluster: true };
    this.host = new Host(`${this.name}-host`, hostArgs, this.options);
    const nginxArgs = { connection, app, sharing, site: config.site, place: this.place };
    this.nginx = new Nginx(`${this.name}-nginx`, nginxArgs, { ...this.options, dependsOn: [...this.host.ready] });
  }

  /** The site, and its certificate, which needs that every server passes challenges on. */
  site(after: readonly pulumi.Resource[]): NginxSite {
    const { app, connection, certificate, health, site } = this.config;
    const lineage = new SiteCertificate(
      `${this.name}-certificate`,
      { connection, app, ...certificate },
      { ...this.options, dependsOn: [...after] },
    );
    const { nginxVersion } = this.host;
    const args = { connection, app, healthPath: health.path, nginxVersion, staples: lineage.namesResponder, ...site };
    return new NginxSite(`${this.name}-site`, { ...args, place: this.place }, { ...this.options, dependsOn: lineage });
  }

  image({ repository, tag, digest }: AppImage): AppImage {
    return new AppImage(`${this.name}-image`, { host: this.host, repository, tag, digest }, this.options);
  }

  /** The server as a node of the Swarm. */
  node(first: ClusterServer, group: string, after: readonly pulumi.Resource[]): SwarmNode {
    const { connection, name, privateAddress, role } = this.server;
    return new SwarmNode(
      `${this.name}-swarm`,
      { connection, name, privateAddress, role, group, pool: this.config.network.subnet, first: { ...first } },
      { ...this.options, dependsOn: [...this.host.ready, ...after] },
    );
  }
}

/** All servers of the app. Without the key `cluster` it is one server, and everything here is empty. */
export class Cluster {
  readonly servers: readonly ClusterServer[];
  /** The place of the server of `host`; undefined for one server. */
  readonly place: ClusterPlace | undefined;
  private readonly peers: readonly ClusterPeer[];
  private readonly pool: string;

  constructor(config: ServerConfig, down: readonly DownServer[]) {
    const isDown = ({ name }: ClusterServer): boolean => down.some((one) => one.name === name);
    this.servers = clusterServers(config).map((server) => (isDown(server) ? { ...server, isDown: true } : server));
    this.place = placeOf(this.servers[0], this.servers);
    this.peers = this.servers.slice(1).map((server) => new ClusterPeer(server, config, this.servers));
    this.pool = config.network.subnet;
  }

  get isCluster(): boolean {
    return this.servers.length > 0;
  }

  /** nginx on each of the other servers. */
  get nginx(): Nginx[] {
    return this.peers.map((peer) => peer.nginx);
  }

  /** The site on each of the other servers. */
  sites(after: readonly pulumi.Resource[]): NginxSite[] {
    return this.peers.map((peer) => peer.site(after));
  }

  /** The parts that tasks need on every server: the image, and the Swarm. */
  ready(host: Host, image: AppImage): pulumi.Resource[] {
    const images = [image, ...this.peers.map((peer) => peer.image(image))];
    return [...images.map(({ pulled }) => pulled), ...this.swarm(host)];
  }

  /** The servers join one after the other, because each join needs a calm majority. */
  private swarm(host: Host): SwarmNode[] {
    const [first] = this.servers;
    if (first === undefined) return [];
    const { connection, name, privateAddress, role } = first;
    const group = groupOf(this.servers);
    const own = new SwarmNode(
      "swarm",
      { connection, name, privateAddress, role, group, pool: this.pool },
      { dependsOn: [...host.ready] },
    );
    return this.peers.reduce<SwarmNode[]>((nodes, peer) => [...nodes, peer.node(first, group, nodes)], [own]);
  }
}
