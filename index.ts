import "./light-runtime";
import { AppContainer } from "./components/app-container";
import { AppImage } from "./components/app-image";
import { Backups } from "./components/backups";
import { AppRollout } from "./components/app-rollout";
import { dockerProvider } from "./components/docker-provider";
import { Environment } from "./components/environment";
import { Host } from "./components/host";
import { hostServiceOf } from "./components/host-service";
import { NginxSite } from "./components/nginx-site";
import { Pipeline, pipelineArgs } from "./components/pipeline";
import { SiteCertificate } from "./components/site-certificate";
import { readConfig } from "./config";
import { isProgramCurrent, staleBuild } from "./build-stamp";
import { proposalFor } from "./github/workflow-files";
import { chooseImage } from "./image-choice";
import { forgetImageTag } from "./stack-file";
import { lastOutputs } from "./stack-outputs";
import { userError } from "./user-error";

/** The system, top to bottom. Each part says in its own file what it guarantees. */
async function program(): Promise<Record<string, unknown>> {
  if (!isProgramCurrent()) throw userError(staleBuild);
  const config = readConfig();
  forgetImageTag();
  const { app, connection } = config;
  const docker = dockerProvider("host-docker", config);
  const { repository } = config.image;
  const last = await lastOutputs();
  const chosen = chooseImage(config, last, docker);
  // It needs nothing of the host: what draws its session key starts while host and registry are asked.
  const environment = new Environment("environment", config);
  const { tag, digest } = await chosen;

  const host = new Host("host", { connection, app, docker, service: hostServiceOf(config) });
  const { tls, ...policy } = config.site;
  const certificate = new SiteCertificate(
    "certificate",
    { connection, app, tls, ...config.certificate },
    { dependsOn: [...host.ready] },
  );
  const { nginxVersion } = host;
  const { namesResponder: staples } = certificate;
  const site = new NginxSite("site", { connection, app, nginxVersion, staples, ...policy }, { dependsOn: certificate });

  const image = new AppImage("image", { host, repository, tag, digest });
  // A certificate or a site that is refused leaves nothing half done: what follows waits for it.
  const container = new AppContainer("app", { config, host, image, environment }, { dependsOn: site });
  const beforeBackups = { dependsOn: [...host.ready] };
  if (config.backups) new Backups("backups", { connection, app, after: [site], ...config.backups }, beforeBackups);
  const proposal = config.pipeline && (await proposalFor(config.pipeline, last.workflowProposal));
  if (config.pipeline) new Pipeline("pipeline", pipelineArgs(config, config.pipeline, proposal));
  const rollout = new AppRollout("rollout", { config, image, container, site });

  return {
    url: `https://${app.domain}`,
    imageTag: rollout.imageTag,
    previousImageTag: rollout.previousImageTag,
    deployment: rollout.deployment,
    releases: rollout.releases,
    certificateExpiresAt: certificate.expiresAt,
    ocspStapling: staples.apply((does) => (does ? "on" : "not offered by the CA")),
    ...(proposal && { workflowProposal: proposal }),
  };
}

export = program;
