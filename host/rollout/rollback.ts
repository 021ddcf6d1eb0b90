import { HostError } from "../host-error";
import type { LockingShell, Session } from "../session";
import * as commands from "./commands";
import { begun, type Deployment } from "./deployment";
import { containerOf, parseHostState, type HostState } from "./host-state";
import { rolloutInputsSchema, type RolloutInputs } from "./inputs";
import { planRollback, previousRelease, rollbackTarget, settled } from "./plan";
import { rolloutLock, runSteps, type Run } from "./run";

/** What a rollback needs to know of a stack; the rest the host knows. */
export type RollbackSettings = Pick<
  RolloutInputs,
  "connection" | "app" | "domain" | "gate" | "drainSeconds" | "stopSeconds"
> & {
  /** Of the image, without a tag. */
  readonly repository: string;
};

/** Result of a rollback. */
export interface RollbackResult {
  readonly serving: string;
  readonly release: string;
  /** Tag that was rolled back; its release is stopped. */
  readonly rolledBack: string;
}

const nowhere = (app: string, cause: string, hint: string): HostError =>
  new HostError({ operation: "roll back", target: app, cause, hint });

/** @throws HostError when the host does not hold what the release needs to run. */
function inputsOf(settings: RollbackSettings, found: HostState, release: string): RolloutInputs {
  const { repository, ...shared } = settings;
  if (!release) {
    throw nowhere(
      settings.app,
      "this server has no previous release",
      "deploy a good tag: pulumi up -c imageTag=<commit sha>",
    );
  }
  const { imageTag, digest } = containerOf(found, release) ?? {};
  const [address, port] = (found.targets[release] ?? "").split(":");
  if (!imageTag || !digest || !address) {
    const hint = "deploy the tag again: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";
    throw nowhere(settings.app, `the container of release ${release} is missing on the server`, hint);
  }
  return rolloutInputsSchema.parse({
    ...shared,
    release,
    target: { address, port: Number(port) },
    image: { repository, tag: imageTag, digest },
    gate: { ...settings.gate, version: imageTag },
    soakSeconds: 0,
  });
}

/** The image of a release, also where its container was removed by hand. */
function imageOf({ containers, records }: HostState, release: string): { imageTag: string; digest: string } {
  const of = <T extends { release: string | null }>(known: readonly T[]): T | undefined =>
    known.findLast((one) => one.release === release);
  const { imageTag, digest } = of(containers) ?? of(records) ?? {};
  return { imageTag: imageTag ?? "", digest: digest ?? "" };
}

function recordOf(found: HostState, left: string, serving: string): Deployment {
  const image = imageOf(found, left);
  const tagRefused = image.imageTag !== serving;
  return begun({ ...image, release: left, previousVersion: serving, tagRefused }, new Date());
}

const again = "run `ops rollback --now` again, or deploy a good tag: pulumi up -c imageTag=<commit sha>";

function withHint(error: unknown): never {
  throw error instanceof HostError ? new HostError({ ...error.failure, hint: again }) : error;
}

async function rollBackUnderLock(
  settings: RollbackSettings,
  reason: string,
  session: Session,
): Promise<RollbackResult> {
  const found = parseHostState(await session.run(commands.observe(settings.app)));
  const release = previousRelease(found);
  const inputs = inputsOf(settings, found, release);
  const serving = inputs.image.tag;
  const deployment = recordOf(found, rollbackTarget(found, release), serving);
  const ending = { status: "rolled_back", reason } as const;
  const run: Run = { inputs, session, before: settled(found, release), ending, deployment };
  await runSteps(run, planRollback(found, release)).catch(withHint);
  return { serving, release, rolledBack: deployment.imageTag };
}

/**
 * Makes the previous release active again. It is on the server, stopped, so this needs neither the engine nor the registry.
 * It passes the same steps as in a rollout: start, gate, switch, prove. The release that served is drained, stopped and
 * recorded as `rolled_back`. Safe to repeat: a release that was rolled back is never a target.
 * @throws HostError with the cause and the next step; the release that served continues to serve.
 */
export function rollBack(settings: RollbackSettings, reason: string, host: LockingShell): Promise<RollbackResult> {
  const lock = rolloutLock(settings.app, `rollback of ${settings.app}`);
  return host.locked(lock, (session) => rollBackUnderLock(settings, reason, session));
}
