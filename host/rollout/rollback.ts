import { HostError } from "../host-error";
import type { LockingShell, Session } from "../session";
import * as commands from "./commands";
import { pendingDeployment, type Deployment } from "./deployment";
import { chooseRollback, engineCommand } from "./rollback-choice";
import { containerOf, parseHostState, tagOf, type HostState } from "./host-state";
import { rolloutInputsSchema, type Gate, type RolloutInputs } from "./inputs";
import { afterRevert, planRollback, previousRelease, rolledBackRelease } from "./plan";
import { silent, type Report } from "./progress";
import { closeInterrupted, rolloutLock, runSteps, type Run } from "./run";

/** The settings that a rollback needs from the stack file. Everything else is on the server. */
export type RollbackSettings = Pick<
  RolloutInputs,
  "connection" | "app" | "domain" | "drainSeconds" | "stopSeconds" | "keepAssets" | "cluster"
> & {
  /** The health check of a release with this image tag. */
  readonly gateFor: (tag: string) => Gate;
  /** Repository of the image, without a tag. */
  readonly repository: string;
};

/** Result of a rollback. */
export interface RollbackResult {
  /** Tag that serves now. */
  readonly serving: string;
  readonly release: string;
  /** Tag that was rolled back; its release is stopped. */
  readonly rolledBack: string;
}

/** The reason for the record, and the tag to roll back to. Without a tag it is the one of the previous release. */
export interface RollbackRequest {
  readonly reason: string;
  readonly tag?: string | undefined;
}

const impossible = (app: string, cause: string, hint: string): HostError =>
  new HostError({ operation: "roll back", target: app, cause, hint });

/** @throws HostError when the server has no release to roll back to, or not what it needs to run. */
export function inputsOf(settings: RollbackSettings, found: HostState, release: string): RolloutInputs {
  const { repository, gateFor, ...shared } = settings;
  if (!release) {
    const hint = "deploy a good tag: pulumi up -c imageTag=<commit sha>";
    throw impossible(settings.app, "this server has no previous release", hint);
  }
  const { imageTag, digest } = containerOf(found, release) ?? {};
  const port = (found.targets[release] ?? "").split(":")[1];
  if (!imageTag || !digest || !port) {
    const hint = "deploy the tag again: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";
    throw impossible(settings.app, `the container of release ${release} is missing on the server`, hint);
  }
  return rolloutInputsSchema.parse({
    ...shared,
    release,
    port: Number(port),
    image: { repository, tag: imageTag, digest },
    gate: gateFor(imageTag),
    soakSeconds: 0,
  });
}

/** The record of the release that the rollback stops. It refuses the tag, so that no later run deploys it by accident. */
function recordOf(found: HostState, release: string, serving: string, now: Date): Deployment {
  const digest =
    containerOf(found, release)?.digest ?? found.records.findLast((one) => one.release === release)?.digest;
  const { imageCreated, imageSize } = containerOf(found, release) ?? {};
  return pendingDeployment(
    {
      imageTag: tagOf(found, release),
      digest: digest ?? "",
      release,
      previousVersion: serving,
      tagRefused: true,
      ...(imageCreated && { imageCreated }),
      ...(imageSize && { imageSize }),
    },
    now,
  );
}

/** A run that rolls back to the release of the inputs, as it begins on one server. The id of its record is the time. */
export function rollbackRun(
  parts: Pick<Run, "inputs" | "session" | "report">,
  found: HostState,
  reason: string,
  now: Date,
): Run {
  const { release, image } = parts.inputs;
  const deployment = recordOf(found, rolledBackRelease(found, release), image.tag, now);
  return { ...parts, before: afterRevert(found, release), ending: { status: "rolled_back", reason }, deployment };
}

const again = "run `ops rollback --now` again, or deploy a good tag: pulumi up -c imageTag=<commit sha>";

/** The error of a rollback with the way to repeat it. */
export function withHint(error: unknown): never {
  throw error instanceof HostError ? new HostError({ ...error.failure, hint: again }) : error;
}

/** @throws HostError when the server alone cannot roll back to the tag. */
export function assertPossible(app: string, found: HostState, tag: string): void {
  const choice = chooseRollback(found, tag);
  if (choice.kind === "none") throw impossible(app, choice.cause, choice.hint);
  if (choice.kind === "engine")
    throw impossible(app, `the server has not kept the release of ${tag}`, `deploy it: ${engineCommand(choice)}`);
}

async function rollBackUnderLock(
  settings: RollbackSettings,
  { reason, tag }: RollbackRequest,
  session: Session,
  report: Report,
): Promise<RollbackResult> {
  const found = parseHostState(await session.run(commands.observe(settings.app)));
  if (tag !== undefined) assertPossible(settings.app, found, tag);
  const release = previousRelease(found);
  const inputs = inputsOf(settings, found, release);
  const run = rollbackRun({ inputs, session, report }, found, reason, new Date());
  await closeInterrupted(inputs, found, run.deployment, session);
  await runSteps(run, planRollback(found, release, inputs)).catch(withHint);
  return { serving: inputs.image.tag, release, rolledBack: run.deployment.imageTag };
}

/**
 * Makes the previous release active again. It is on the server, stopped, so this needs neither the engine nor the registry.
 * It passes the same steps as in a rollout: start, gate, switch, prove. The release that served is drained, stopped and
 * recorded as `rolled_back`. Safe to repeat: a release that was rolled back is never a target.
 * @throws HostError with the cause and the next step; the release that served continues to serve.
 */
export function rollBack(
  settings: RollbackSettings,
  request: RollbackRequest,
  host: LockingShell,
  report: Report = silent,
): Promise<RollbackResult> {
  const lock = rolloutLock(settings.app, `rollback of ${settings.app}`);
  return host.locked(lock, (session) => rollBackUnderLock(settings, request, session, report));
}
