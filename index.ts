import { AppContainer } from "./components/app-container";
import { AppImage } from "./components/app-image";
import { Environment } from "./components/environment";
import { Host } from "./components/host";
import { NginxSite } from "./components/nginx-site";
import { SiteCertificate } from "./components/site-certificate";
import { readConfig } from "./config";
import { isProgramCurrent, staleBuild } from "./build-stamp";
import { preflight } from "./resources/preflight";
import { Rollout } from "./resources/rollout";
import { registryAuth } from "./registry-auth";
import { userError } from "./user-error";
import { forgetImageTag } from "./stack-file";
import { chooseImageTag, knownDigest, lastOutputs } from "./stack-outputs";

/** The system, top to bottom. Each part says in its own file what it guarantees. */
async function program(): Promise<Record<string, unknown>> {
  if (!isProgramCurrent()) throw userError(staleBuild);
  const config = readConfig();
  forgetImageTag();
  const { app, connection, rollout } = config;
  const last = await lastOutputs();
  const tag = chooseImageTag(config.imageTag, last);
  await preflight(connection, app.domain);

  const host = new Host("host", { connection, app, registryAuth: registryAuth(config) });
  const certificate = new SiteCertificate(
    "certificate",
    { connection, app, ...config.certificate },
    { dependsOn: [...host.ready] },
  );
  const site = new NginxSite("site", { connection, app }, { dependsOn: certificate });

  const image = new AppImage("image", {
    host,
    repository: config.image.repository,
    tag,
    knownDigest: knownDigest(tag, last),
  });
  const environment = new Environment("environment", config);
  const container = new AppContainer("app", {
    host,
    app,
    image,
    environment,
    subnet: config.network.subnet,
    stopSeconds: rollout.stopSeconds,
  });

  const deployed = new Rollout(
    "rollout",
    {
      connection,
      app: app.name,
      domain: app.domain,
      release: container.release,
      target: container.target,
      image: { repository: image.repository, tag, digest: image.digest },
      gate: { ...rollout.gate, version: tag },
      drainSeconds: rollout.drainSeconds,
      stopSeconds: rollout.stopSeconds,
    },
    { dependsOn: [...container.created, site] },
  );

  return {
    url: `https://${app.domain}`,
    imageTag: deployed.imageTag,
    previousImageTag: deployed.previousImageTag,
    deployment: deployed.deployment,
    releases: deployed.releases,
    certificateExpiresAt: certificate.expiresAt,
  };
}

export = program;
