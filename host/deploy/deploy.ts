import { randomBytes } from "node:crypto";
import { HostError } from "../host-error";
import * as commands from "../rollout/commands";
import { pendingDeployment } from "../rollout/deployment";
import { containerOf, parseHostState, type Container, type HostState } from "../rollout/host-state";
import { rolloutInputsSchema, type RolloutInputs } from "../rollout/inputs";
import { afterRevert } from "../rollout/plan";
import type { Report } from "../rollout/progress";
import { rolledBackTags, servedImages } from "../rollout/records";
import { releaseAddress } from "../rollout/release-address";
import { rollOut, rolloutLock, type RolloutOutcome } from "../rollout/run";
import type { LockingShell, Session } from "../session";
import { copyOf } from "./container-copy";
import type { Docker } from "./docker";
import { gateFor, type DeploySettings } from "./settings";

/** The server that a tag is deployed on, from the server's own side. */
export interface DeployHost {
  readonly settings: DeploySettings;
  readonly shell: LockingShell;
  readonly docker: Docker;
  readonly report: Report;
}

interface Image {
  readonly tag: string;
  readonly digest: string;
}

const refusal = (tag: string, cause: string, hint: string): HostError =>
  new HostError({ operation: "deploy", target: tag, cause, hint });

/** Records are read back to this many served images, so an image that served this long ago counts as new. */
const rememberedImages = 100;

/**
 * Why an image must not be deployed with a deploy key: an operator rolled its tag back, or it served before and something
 * newer replaced it. Someone who has the key must not bring back a release with a known fault.
 */
export function replayProblem(found: HostState, image: Image): HostError | undefined {
  const up = `pulumi up -c imageTag=${image.tag}`;
  const rolledBack = rolledBackTags(found.records).find(({ tag }) => tag === image.tag);
  if (rolledBack) {
    const { by, at, reason, serving } = rolledBack;
    const cause = `it was rolled back by ${by} at ${at} (${reason}); the site runs ${serving}`;
    return refusal(image.tag, cause, `deploy a fix; to deploy it anyway: ${up} -c force=${image.tag}`);
  }
  const active = containerOf(found, found.active)?.digest;
  const served = servedImages(found.records, rememberedImages).some(({ digest }) => digest === image.digest);
  if (!served || image.digest === active) return undefined;
  const cause = `its image ${image.digest} served before and was replaced; a deploy key does not bring it back`;
  return refusal(image.tag, cause, `roll back one release with \`rollback\`, or use ${up}`);
}

/** The rollout's inputs for a release of an image. */
function inputsOf(settings: DeploySettings, release: string, image: Image): RolloutInputs {
  const { repository } = settings;
  const gate = gateFor(settings, image.tag);
  return rolloutInputsSchema.parse({ ...settings, gate, release, image: { repository, ...image } });
}

/** A release id as the engine makes them: seven hexadecimal digits. */
const newRelease = (): string => randomBytes(4).toString("hex").slice(0, 7);

/** Creates the container of a new release beside the active one, of which it is a copy. */
async function createRelease({ settings, docker }: DeployHost, active: Container, image: Image): Promise<Container> {
  const { app, repository, subnet } = settings;
  const release = newRelease();
  const name = `${app}-${release}`;
  const pulled = docker.pull(repository, image.digest).then(() => docker.image(`${repository}@${image.digest}`));
  const copied = docker.container(active.name).then(async (one) => [one, await docker.image(one.Image)] as const);
  const [ofImage, [serving, ofServing]] = await Promise.all([pulled, copied]);
  const target = { app, repository, ...image, address: releaseAddress(subnet, release) };
  await docker.create(name, copyOf(serving, ofServing, target));
  const { environment } = active;
  const { Created: imageCreated, Size: imageSize } = ofImage;
  return {
    name,
    release,
    imageTag: image.tag,
    digest: image.digest,
    running: false,
    environment,
    imageCreated,
    imageSize,
  };
}

/** The release that serves, after the revert of a cutover that nobody confirmed. */
function activeContainer(found: HostState, app: string, tag: string): Container {
  const container = containerOf(found, afterRevert(found, "").active);
  if (container) return container;
  throw refusal(tag, `${app} serves nothing yet: there is no container to copy`, `pulumi up -c imageTag=${tag}`);
}

async function deployUnderLock(
  tag: string,
  digest: Promise<string>,
  host: DeployHost,
  session: Session,
): Promise<RolloutOutcome> {
  const { settings, report } = host;
  const found = parseHostState(await session.run(commands.observe(settings.app)));
  const active = activeContainer(found, settings.app, tag);
  report("image ...");
  const image = { tag, digest: await digest };
  const problem = replayProblem(afterRevert(found, ""), image);
  if (problem) throw problem;
  const isActive = active.imageTag === tag && active.digest === image.digest;
  const created = isActive ? [] : [await createRelease(host, active, image)];
  const { release } = created[0] ?? active;
  report(`image: ${image.digest}, release ${release}`);
  const pending = pendingDeployment({ imageTag: tag, digest: image.digest, release }, new Date());
  const state = { ...found, containers: [...found.containers, ...created] };
  return rollOut(inputsOf(settings, release, image), state, pending, session, report);
}

/**
 * Deploys a tag of the configured repository, from the server itself: a copy of the active container with the tag's image
 * passes all steps of a rollout. The tag that serves already passes them again without a new container.
 * @throws HostError with the cause and the next step; the release that served continues to serve.
 */
export function deployTag(tag: string, host: DeployHost): Promise<RolloutOutcome> {
  const lock = rolloutLock(host.settings.app, `deployment of ${host.settings.app} ${tag}`);
  // The registry answers while the server takes the lock and looks at its releases.
  const digest = host.docker.digestOf(host.settings.repository, tag);
  digest.catch(() => undefined);
  return host.shell.locked(lock, (session) => deployUnderLock(tag, digest, host, session));
}
