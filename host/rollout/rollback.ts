import { HostError } from "../host-error";
import type { LockingShell, Session } from "../session";
import * as commands from "./commands";
import { begun, type Deployment } from "./deployment";
import { containerOf, parseHostState, type HostState } from "./host-state";
import { rolloutInputsSchema, type RolloutInputs } from "./inputs";
import { planRollback, releaseBefore, rollbackTarget, settled } from "./plan";
import { rolloutLock, runSteps, type Run } from "./run";

/** What a rollback needs to know of a stack; the rest the host knows. */
export type RollbackSettings = Pick<
  RolloutInputs,
  "connection" | "app" | "domain" | "gate" | "drainSeconds" | "stopSeconds"
> & {
  /** Of the image, without a tag. */
  readonly repository: string;
};

/** What a rollback came to, in image tags. */
export interface RolledBack {
  readonly serving: string;
  readonly release: string;
  /** Taken back and stopped. */
  readonly takenBack: string;
}

const nowhere = (app: string, cause: string, hint: string): HostError =>
  new HostError({ operation: "go back to the release before of", target: app, cause, hint });

/** @throws HostError when the host does not hold what the release needs to run. */
function inputsOf(settings: RollbackSettings, found: HostState, release: string): RolloutInputs {
  const { repository, ...shared } = settings;
  if (!release) {
    throw nowhere(settings.app, "there is none", "deploy a tag that is good: pulumi up -c imageTag=<commit sha>");
  }
  const { imageTag, digest } = containerOf(found, release) ?? {};
  const [address, port] = (found.targets[release] ?? "").split(":");
  if (!imageTag || !digest || !address) {
    const hint = "deploy the tag anew: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";
    throw nowhere(settings.app, `the container of release ${release} is gone from the host`, hint);
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
  const withdrawn = image.imageTag !== serving;
  return begun({ ...image, release: left, previousVersion: serving, withdrawn }, new Date());
}

const again = "run `ops rollback --now` again, or deploy a tag that is good: pulumi up -c imageTag=<commit sha>";

function withHint(error: unknown): never {
  throw error instanceof HostError ? new HostError({ ...error.failure, hint: again }) : error;
}

async function goBack(settings: RollbackSettings, reason: string, session: Session): Promise<RolledBack> {
  const found = parseHostState(await session.run(commands.observe(settings.app)));
  const release = releaseBefore(found);
  const inputs = inputsOf(settings, found, release);
  const serving = inputs.image.tag;
  const deployment = recordOf(found, rollbackTarget(found, release), serving);
  const ending = { status: "rolled_back", reason } as const;
  const run: Run = { inputs, session, before: settled(found, release), ending, deployment };
  await runSteps(run, planRollback(found, release)).catch(withHint);
  return { serving, release, takenBack: deployment.imageTag };
}

/**
 * Goes back to the release before, which is on the host, stopped: needs neither engine nor registry. It is started, gated by
 * its health, switched to and proved as in a rollout; the one that served is drained, stopped and recorded as `rolled_back`.
 * Safe to repeat: it never goes back to what was taken back.
 * @throws HostError with the reason and the next step; the release that served goes on serving.
 */
export function rollBack(settings: RollbackSettings, reason: string, host: LockingShell): Promise<RolledBack> {
  const lock = rolloutLock(settings.app, `rollback of ${settings.app}`);
  return host.locked(lock, (session) => goBack(settings, reason, session));
}
