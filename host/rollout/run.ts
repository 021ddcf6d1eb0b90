import { setTimeout as sleep } from "node:timers/promises";
import { stopAtBreakpoint } from "../test-breakpoint";
import { HostError } from "../host-error";
import { LockHeld, type Lock, type LockingShell, type Session } from "../session";
import * as commands from "./commands";
import { completed, pendingDeployment, type Deployment } from "./deployment";
import { passGate, soak, Unhealthy } from "./gate";
import { parsePublicAnswer, versionOf } from "./health";
import { silent, stepEnded, stepStarted, warning, type Report } from "./progress";
import { activeTag, containerOf, parseHostState, type HostState } from "./host-state";
import type { RolloutInputs } from "./inputs";
import { afterRevert, planRollout, rollbackTarget, type Step } from "./plan";
import { interruptedDeployments, servedImages, type ServedImage } from "./records";
import { isVersion } from "./version";

/** Result of a rollout. */
export interface RolloutOutcome {
  readonly deployment: Deployment;
  /** The image tags that served last, newest first. */
  readonly releases: readonly ServedImage[];
}

/** A rollout or a rollback under the lock. */
export interface Run {
  readonly inputs: RolloutInputs;
  readonly session: Session;
  /** The server before the run, after the revert of an unconfirmed cutover. */
  readonly before: HostState;
  /** The record that the step `record` writes. */
  readonly ending: { readonly status: "success" | "rolled_back"; readonly reason: string };
  /** Gets a line at the start and at the end of each step. */
  readonly report: Report;
  deployment: Deployment;
}

/** A run that deploys a release, as it begins on one server. */
export function deploymentRun(
  parts: Pick<Run, "inputs" | "session" | "report">,
  found: HostState,
  pending: Deployment,
): Run {
  const before = afterRevert(found, parts.inputs.release);
  return { ...parts, before, ending: { status: "success", reason: "" }, deployment: inProgress(pending, before) };
}

/** The lock of every run that moves an app's traffic. */
export const rolloutLock = (app: string, purpose: string): Lock => ({
  path: `/run/${app}/rollout.lock`,
  formerPath: `/run/lock/${app}-rollout.lock`,
  purpose,
});

/**
 * Makes the release active, or leaves everything as it was.
 * @throws HostError with the reason, the release's last log lines and the next step; the record on the server says the same.
 */
export async function runRollout(
  inputs: RolloutInputs,
  host: LockingShell,
  report: Report = silent,
): Promise<RolloutOutcome> {
  const { app, image, release } = inputs;
  const pending = pendingDeployment({ imageTag: image.tag, digest: image.digest, release }, new Date());
  const isRecorded = host.run(commands.record(inputs, pending));
  isRecorded.catch(() => undefined);
  try {
    const lock = rolloutLock(app, `rollout of ${app} ${image.tag}, release ${release}`);
    return await host.locked(lock, async (session) => {
      const found = parseHostState(await session.run(commands.observe(app)));
      await isRecorded;
      return rollOut(inputs, found, pending, session, report);
    });
  } catch (error) {
    if (error instanceof LockHeld) await recordRefusal(inputs, pending, error, host);
    throw error;
  }
}

/** `runRollout` for a caller that holds the lock already and has observed the server, with the new container on it. */
export async function rollOut(
  inputs: RolloutInputs,
  found: HostState,
  pending: Deployment,
  session: Session,
  report: Report,
): Promise<RolloutOutcome> {
  await closeInterrupted(inputs, found, pending, session);
  const run = deploymentRun({ inputs, session, report }, found, pending);
  await session.run(commands.record(inputs, run.deployment));
  await runSteps(run, planRollout(found, inputs.release, inputs));
  return { deployment: run.deployment, releases: servedImages([...found.records, run.deployment]) };
}

/**
 * Performs one step after the other. When one fails, the release that served before is the only one that runs.
 * @throws HostError with the reason, the release's last log lines and the next step.
 */
export async function runSteps(run: Run, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    try {
      await timed(step.kind, run.report, [run], () => perform(run, step));
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      throw await recover(run, step, cause).catch(() => cause);
    }
  }
}

/** Performs work of one kind, reports its start and its end, and notes its time in the records of the runs. */
export async function timed(
  kind: Step["kind"],
  report: Report,
  runs: Iterable<Run>,
  work: () => Promise<unknown>,
): Promise<void> {
  await stopAtBreakpoint(kind);
  report(stepStarted(kind));
  const from = performance.now();
  const result = await work();
  const milliseconds = Math.round(performance.now() - from);
  report(stepEnded(kind, milliseconds, result));
  for (const run of runs) {
    const durationsMs = { ...run.deployment.durationsMs, [kind]: milliseconds };
    run.deployment = { ...run.deployment, durationsMs };
  }
}

/** Performs one step on its server. */
export async function perform(run: Run, step: Step): Promise<unknown> {
  const { inputs, session, before, deployment, ending } = run;
  switch (step.kind) {
    case "revert":
      return session.run(commands.revert(inputs));
    case "start":
      return session.run(commands.start(inputs));
    case "keep":
      return keep(run);
    case "gate":
      await passGate(inputs, session);
      run.deployment = { ...deployment, healthCheckPassed: true };
      return `${inputs.gate.successes} of ${inputs.gate.successes} healthy`;
    case "switch":
      return session.run(commands.switchTo(inputs, environmentOf(run), deployment.id));
    case "prove":
      return provePublicSite(inputs, session);
    case "soak":
      return soak(inputs, session);
    case "confirm":
      return session.run(commands.confirm(inputs, rollbackTarget(before, inputs.release)));
    case "drain":
      return `${await session.run(commands.drain(inputs, step.release))} connections left`;
    case "retire":
      return session.run(commands.retire(inputs, step.release));
    case "record":
      return finish(run, ending.status, ending.reason);
    case "prune":
      return prune(run, step.releases);
  }
}

/** Assets that are not kept cost some visitors a reload of their page, not the deployment. */
async function keep({ inputs, session, report }: Run): Promise<string> {
  try {
    return (await session.run(commands.keep(inputs))).trim();
  } catch (error) {
    report(warning(notKept(inputs.release, error instanceof HostError ? error.failure.cause : String(error))));
    return "nothing";
  }
}

const notKept = (release: string, cause: string): string =>
  `the assets of release ${release} are not kept, so a page that is open now may need a reload after the next deployment: ${cause}`;

const environmentOf = ({ before, inputs }: Run): string =>
  containerOf(before, inputs.release)?.environment ?? inputs.release;

/** nginx keeps a connection to the previous release for 0.3 s (site.conf, keepalive_time). */
const proofSeconds = 5;

/** @throws HostError when the public site does not answer with the new version soon after the switch. */
async function provePublicSite(inputs: RolloutInputs, session: Session): Promise<void> {
  const { domain, gate } = inputs;
  const deadline = Date.now() + proofSeconds * 1000;
  for (;;) {
    const version = versionOf(parsePublicAnswer(await session.run(commands.prove(inputs))), gate);
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
    hint: "another site on the server answers for this name; find it: `nginx -T | grep server_name`",
  });

/** A failed prune costs disk space, not the deployment: the next rollout prunes again (basecamp/kamal#1590). */
async function prune({ inputs, session, before, deployment }: Run, releases: readonly string[]): Promise<void> {
  const served = servedImages([...before.records, deployment], inputs.keepImages);
  await session.run(commands.prune(inputs, served, releases)).catch(() => undefined);
}

/** Completes the record of the run. */
export async function finish(run: Run, status: "success" | "failed" | "rolled_back", reason: string): Promise<void> {
  run.deployment = completed(run.deployment, status, reason, new Date());
  await run.session.run(commands.record(run.inputs, run.deployment));
}

/** The action after a failed step, so that only the release that served still runs. */
type Recovery = "stop-new" | "revert" | "leave";

const afterConfirm: ReadonlySet<Step["kind"]> = new Set(["drain", "retire", "record", "prune"]);
const afterSwitch: ReadonlySet<Step["kind"]> = new Set(["switch", "prove", "soak", "confirm"]);

/** Before the switch the new release stops. After it, the cutover is reverted first. A confirmed release stays. */
export function recoveryOf(failed: Step["kind"], before: HostState, release: string): Recovery {
  if (afterConfirm.has(failed)) return "leave";
  if (before.unconfirmed !== null) return "revert";
  if (before.active === release) return "leave";
  if (!afterSwitch.has(failed)) return "stop-new";
  return before.active ? "revert" : "leave";
}

async function recover(run: Run, failed: Step, error: Error): Promise<HostError> {
  const { inputs, session, before } = run;
  const lines = await session.run(commands.logs(inputs)).catch(() => "");
  const recovery = recoveryOf(failed.kind, before, inputs.release);
  if (recovery === "revert") await session.run(commands.revert(inputs));
  if (recovery !== "leave") await session.run(commands.retire(inputs, inputs.release));
  // A failed rollback rolled nothing back: it has no record.
  // Where the record cannot be written, such as on a full disk, the next run closes it. The error must tell the first cause.
  if (run.ending.status === "success")
    await finish(run, recovery === "revert" ? "rolled_back" : "failed", error.message).catch(() => undefined);
  return explain(run, error, lines.trim());
}

/** Tag, cause and next step come first, then what serves, then the log lines. */
export function explain({ inputs, before, ending }: Run, error: Error, lines: string): HostError {
  const unexpected = {
    operation: "rollout of",
    target: inputs.release,
    cause: error.message,
    hint: "run `pulumi up` again",
  };
  const failure = error instanceof HostError ? error.failure : unexpected;
  const serving = activeTag(before);
  const details = [
    ...(serving ? [`the site still runs ${serving} (release ${before.active})`] : []),
    ...(lines ? [`last log lines of release ${inputs.release}:`, lines] : []),
  ].join("\n");
  const keep = error instanceof Unhealthy && serving ? `to keep ${serving}, run \`pulumi up\`; to replace it, ` : "";
  return new HostError({
    operation: ending.status === "success" ? "deploy" : "roll back to",
    target: inputs.image.tag,
    cause: `${failure.operation} ${failure.target}: ${failure.cause}`,
    hint: keep + failure.hint,
    ...(details && { details }),
  });
}

/** The record of a deployment that begins. */
function inProgress(pending: Deployment, before: HostState): Deployment {
  const { imageCreated = "", imageSize = 0 } = containerOf(before, pending.release) ?? {};
  return { ...pending, status: "in_progress", previousVersion: activeTag(before), imageCreated, imageSize };
}

const interrupted = "the run ended before the deployment did";

/** Gives every deployment whose run was killed its final status. */
export async function closeInterrupted(
  inputs: RolloutInputs,
  found: HostState,
  own: Deployment,
  session: Session,
): Promise<void> {
  for (const deployment of interruptedDeployments(found.records, own))
    await session.run(commands.record(inputs, completed(deployment, "failed", interrupted, new Date())));
}

/** Another run holds the lock: the deployment ends before it began. */
const recordRefusal = (inputs: RolloutInputs, pending: Deployment, { failure }: LockHeld, host: LockingShell) =>
  host.run(commands.record(inputs, completed(pending, "failed", failure.cause, new Date()))).catch(() => undefined);
