import "./light-runtime";
import type * as docker from "@pulumi/docker";
import { setImmediate } from "node:timers/promises";
import { Alerts } from "./components/alerts";
import { AppContainer } from "./components/app-container";
import { AppImage } from "./components/app-image";
import { Backups } from "./components/backups";
import { checkBeforeUpdate } from "./components/before-update";
import { AppRollout } from "./components/app-rollout";
import { AppService } from "./components/app-service";
import { Cluster } from "./components/cluster";
import type { DownServer } from "./components/cluster-servers";
import { declareDeployKeys } from "./components/deploy-keys";
import { dockerProvider } from "./components/docker-provider";
import { Environment } from "./components/environment";
import { Host } from "./components/host";
import { firewallOf } from "./components/host-service";
import { Nginx } from "./components/nginx";
import { NginxSite } from "./components/nginx-site";
import { SiteCertificate } from "./components/site-certificate";
import { onServer, readConfig, type ServerConfig } from "./components/stack-config";
import { assertBuildIsCurrent } from "./repository";
import { checkServer, chooseImage, forgetOnceKeys } from "./components/image-choice";
import { lastOutputs } from "./components/stack-outputs";
import { userError } from "./components/user-error";

/** The parts that exist before the system is declared, and the choices for it. */
interface Prepared {
  readonly docker: docker.Provider;
  readonly environment: Environment;
  readonly tag: string;
  readonly digest: string;
  readonly down: readonly DownServer[];
}

/** The system, top to bottom. Each part says in its own file what it guarantees. */
function declareSystem(config: ServerConfig, { docker, environment, tag, digest, down }: Prepared) {
  const { app, connection, identity, data, sharing } = config;
  const cluster = new Cluster(config, down);
  const { isCluster, place, servers } = cluster;
  const firewall = firewallOf(config, place);
  const host = new Host("host", { connection, app, identity, data, docker, sharing, firewall, isInCluster: isCluster });
  const nginx = new Nginx("nginx", { ...config, place }, { dependsOn: [...host.ready] });
  const challenged = [nginx, ...cluster.nginx];
  const certificateArgs = { connection, app, ...config.certificate };
  const certificate = new SiteCertificate("certificate", certificateArgs, { dependsOn: challenged });
  const { namesResponder: staples } = certificate;
  const shared = { connection, app, healthPath: config.health.path };
  const siteArgs = { ...shared, nginxVersion: host.nginxVersion, staples, place, ...config.site };
  const site = new NginxSite("site", siteArgs, { dependsOn: certificate });
  // Where the site was there before, its own block answers the challenges, and passes those of the others on from now.
  const sites = [site, ...cluster.sites([...challenged, site])];

  const image = new AppImage("image", { host, repository: config.image.repository, tag, digest });
  // The container waits for the site, so a refused certificate or site leaves nothing half done.
  const container = isCluster
    ? new AppService(
        "app",
        { config, docker, servers, image, environment },
        { dependsOn: [...sites, ...cluster.ready(host, image)] },
      )
    : new AppContainer("app", { config, host, image, environment }, { dependsOn: site });
  const { alerts, backups } = config;
  if (alerts) new Alerts("alerts", { ...shared, alerts, backups: Boolean(backups) }, { dependsOn: [...host.ready] });
  if (backups) new Backups("backups", { ...backups, ...shared, data, after: [site] }, { dependsOn: [...host.ready] });
  declareDeployKeys("deploy-keys", config, host);
  const rollout = new AppRollout("rollout", { config, image, container, servers, sites });
  return { certificate, staples, rollout };
}

/** Checks and choices come first: a refusal changes nothing. */
async function program(): Promise<Record<string, unknown>> {
  // First, so that no refusal leaves the tag in the stack file.
  await forgetOnceKeys();
  assertBuildIsCurrent(userError);
  const last = await lastOutputs();
  const stack = readConfig();
  const checked = await checkBeforeUpdate(stack, last);
  const server = checkServer(stack, last);
  // The engine starts one plugin after the other: ours first, because the server takes longer to answer than the registry.
  await setImmediate();
  const docker = dockerProvider("host-docker", stack);
  const chosen = chooseImage(stack, last, server, docker);
  // It needs nothing from the server: the plugin that draws its session key starts while server and registry answer.
  const environment = new Environment("environment", stack);
  const { tag, digest, down, ...found } = await chosen;
  const config = onServer(stack, found);
  const { certificate, staples, rollout } = declareSystem(config, { docker, environment, tag, digest, down });
  return {
    url: `https://${config.app.domain}`,
    imageTag: rollout.imageTag,
    previousImageTag: rollout.previousImageTag,
    deployment: rollout.deployment,
    releases: rollout.releases,
    certificateExpiresAt: certificate.expiresAt,
    ocspStapling: staples.apply((does) => (does ? "on" : "not offered by the CA")),
    ...found,
    ...checked,
  };
}

export = program;
