import { setTimeout as sleep } from "node:timers/promises";
import { pauseAt } from "../test-breakpoint";
import { HostError } from "../host-error";
import { LockHeld, type Lock, type LockingShell, type Session } from "../session";
import * as commands from "./commands";
import { begun, servedImages, type Deployment, type ServedImage } from "./deployment";
import { passGate, soak } from "./gate";
import { isVersion, reportedVersion } from "./health";
import { activeTag, parseHostState, type HostState } from "./host-state";
import type { RolloutInputs } from "./inputs";
import { planRollout, settled, type Step } from "./plan";

/** What a rollout leaves in the state. */
export interface RolloutOutcome {
  readonly deployment: Deployment;
  readonly releases: readonly ServedImage[];
}

/** A rollout under way: the record of it changes from step to step. */
export interface Run {
  readonly inputs: RolloutInputs;
  readonly session: Session;
  readonly before: HostState;
  /** What its record says in the end, where it comes there. */
  readonly ending: Pick<Deployment, "reason"> & { readonly status: "success" | "rolled_back" };
  deployment: Deployment;
}

function begin({ image, release }: RolloutInputs, before: HostState): Deployment {
  const { tag: imageTag, digest } = image;
  return begun({ imageTag, digest, release, previousVersion: activeTag(before), tagRefused: false }, new Date());
}

/** nginx keeps a connection to the release before for one second at the most (site.conf, keepalive_time). */
const proofSeconds = 5;

/** @throws HostError when the public site does not answer with the new version soon after the switch. */
async function provePublicSite({ inputs, session }: Run): Promise<void> {
  const { domain, gate } = inputs;
  const deadline = Date.now() + proofSeconds * 1000;
  for (;;) {
    const version = reportedVersion(await session.run(commands.prove(inputs)));
    if (!gate.version || isVersion(version, gate.version)) return;
    if (Date.now() > deadline) throw notProved(`https://${domain}${gate.path}`, version, gate.version);
    await sleep(100);
  }
}

const notProved = (target: string, version: string, expected: string): HostError =>
  new HostError({
    operation: "ask the public site",
    target,
    cause: `${proofSeconds} s after the switch it still answers with version "${version}", not "${expected}"`,
    hint: "something else answers for this name on the host: `nginx -T | grep server_name` shows what",
  });

async function settle(run: Run, status: Deployment["status"], reason: string): Promise<void> {
  run.deployment = { ...run.deployment, status, reason, completedAt: new Date().toISOString() };
  await run.session.run(commands.record(run.inputs, run.deployment));
}

type Performers = {
  readonly [Kind in Step["kind"]]: (run: Run, step: Extract<Step, { kind: Kind }>) => Promise<unknown>;
};

const performers: Performers = {
  revert: ({ inputs, session }) => session.run(commands.revert(inputs)),
  start: ({ inputs, session }) => session.run(commands.start(inputs)),
  gate: async (run) => {
    await passGate(run.inputs, run.session);
    run.deployment = { ...run.deployment, healthCheckPassed: true };
  },
  switch: ({ inputs, session, deployment }) => session.run(commands.switchTo(inputs, deployment.id)),
  prove: provePublicSite,
  soak: ({ inputs, session }) => soak(inputs, session),
  confirm: ({ inputs, session }) => session.run(commands.confirm(inputs)),
  drain: ({ inputs, session }, { release }) => session.run(commands.drain(inputs, release)),
  retire: ({ inputs, session }, { release }) => session.run(commands.retire(inputs, release)),
  record: (run) => settle(run, run.ending.status, run.ending.reason),
  // A prune that fails costs disk space, not the deployment: it is tried again by the next one (kamal#1590).
  prune: ({ inputs, session }, { releases }) => session.run(commands.prune(inputs, releases)).catch(() => undefined),
};

const perform = (run: Run, step: Step): Promise<unknown> =>
  (performers[step.kind] as (run: Run, step: Step) => Promise<unknown>)(run, step);

async function timed(run: Run, step: Step): Promise<void> {
  await pauseAt(step.kind);
  const from = performance.now();
  await perform(run, step);
  const durationsMs = { ...run.deployment.durationsMs, [step.kind]: Math.round(performance.now() - from) };
  run.deployment = { ...run.deployment, durationsMs };
}

/** The last words of the release, for the error; nothing when even they cannot be had. */
async function lastWords({ inputs, session }: Run): Promise<string> {
  const lines = await session.run(commands.logs(inputs)).catch(() => "");
  return lines.trim() ? `\nlast log lines of release ${inputs.release}:\n${lines}` : "";
}

/** What a failed step asks for, so that the release that served before is the only one that runs. */
type Recovery = "stop-new" | "revert" | "leave";

const settledSteps: ReadonlySet<Step["kind"]> = new Set(["drain", "retire", "record", "prune"]);

/** Before the switch the new release is stopped, after it traffic moves back first; a confirmed release stays. */
export function recoveryOf(failed: Step["kind"], before: HostState, release: string): Recovery {
  if (settledSteps.has(failed)) return "leave";
  if (before.unconfirmed !== null) return "revert";
  if (before.active === release) return "leave";
  const isSwitched = ["switch", "prove", "soak", "confirm"].includes(failed);
  if (!isSwitched) return "stop-new";
  return before.active ? "revert" : "leave";
}

async function abandon(run: Run, failed: Step, error: Error): Promise<HostError> {
  const { inputs, session, before } = run;
  const words = await lastWords(run);
  const recovery = recoveryOf(failed.kind, before, inputs.release);
  if (recovery === "revert") await session.run(commands.revert(inputs));
  if (recovery !== "leave") await session.run(commands.retire(inputs, inputs.release));
  // A rollback that failed has rolled nothing back.
  if (run.ending.status === "success")
    await settle(run, recovery === "revert" ? "rolled_back" : "failed", error.message);
  return explain(run, error, words);
}

function explain({ inputs, before }: Run, error: Error, words: string): HostError {
  const { operation, target, cause, hint } =
    error instanceof HostError
      ? error.failure
      : { operation: "rollout of", target: inputs.release, cause: error.message, hint: "run `pulumi up` again" };
  const serving = before.active ? `\nthe site still runs ${activeTag(before)} (release ${before.active})` : "";
  return new HostError({ operation, target, cause: `${cause}${words}${serving}`, hint });
}

/**
 * Does one step after the other; where one fails, leaves the release that served before as the only one that runs.
 * @throws HostError with the reason, the release's last log lines and the next step.
 */
export async function runSteps(run: Run, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    try {
      await timed(run, step);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      throw await abandon(run, step, cause).catch(() => cause);
    }
  }
}

async function rollOut(inputs: RolloutInputs, session: Session): Promise<RolloutOutcome> {
  const found = parseHostState(await session.run(commands.observe(inputs.app)));
  const before = settled(found, inputs.release);
  const ending = { status: "success", reason: "" } as const;
  const run: Run = { inputs, session, before, ending, deployment: begin(inputs, before) };
  await session.run(commands.record(inputs, run.deployment));
  await runSteps(run, planRollout(found, inputs.release));
  return { deployment: run.deployment, releases: servedImages([...before.records, run.deployment]) };
}

/** What whoever moves an app's traffic holds. */
export const rolloutLock = (app: string, purpose: string): Lock => ({
  path: `/run/lock/${app}-rollout.lock`,
  purpose,
});

/** Where another rollout keeps this one out, the container that was made for it does not run on. */
async function stopUnused(inputs: RolloutInputs, host: LockingShell, error: unknown): Promise<never> {
  if (error instanceof LockHeld) await host.run(commands.stopUnused(inputs)).catch(() => undefined);
  throw error;
}

/**
 * Makes the release the serving one, or leaves everything as it was.
 * @throws HostError with the reason, the release's last log lines and the next step; the record on the host says the same.
 */
export function runRollout(inputs: RolloutInputs, host: LockingShell): Promise<RolloutOutcome> {
  const { app, image, release } = inputs;
  return host
    .locked(rolloutLock(app, `rollout of ${app} ${image.tag}, release ${release}`), (session) =>
      rollOut(inputs, session),
    )
    .catch((error: unknown) => stopUnused(inputs, host, error));
}
