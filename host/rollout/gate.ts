import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../host-error";
import type { Session } from "../session";
import * as commands from "./commands";
import { containerProblem, healthProblem, judgeAll, parseAttempts, type Attempt, type GateProgress } from "./health";
import type { RolloutInputs } from "./inputs";

/** A release failed its health check. */
export class Unhealthy extends HostError {}

const unhealthy = ({ release, gate }: RolloutInputs, cause: string): Unhealthy =>
  new Unhealthy({
    operation: `gate of release ${release}`,
    target: gate.path,
    cause,
    hint: "fix the image and deploy it: pulumi up -c imageTag=<its commit>",
  });

/**
 * Asks the new container until it is healthy.
 * @throws Unhealthy with the reason when the container ended, failed too often, or is not healthy before the deadline.
 */
export async function passGate(
  inputs: RolloutInputs,
  session: Session,
  now: () => number = Date.now,
): Promise<Attempt> {
  const { gate } = inputs;
  const deadline = now() + gate.deadlineSeconds * 1000;
  let progress: GateProgress = { successes: 0, failures: 0 };
  for (;;) {
    const secondsLeft = Math.max(1, Math.ceil((deadline - now()) / 1000));
    const attempts = parseAttempts(await session.run(commands.probe(inputs, secondsLeft, gate.successes)));
    const { attempt, verdict } = judgeAll(attempts, progress, gate);
    if (verdict.kind === "passed") return attempt;
    if (verdict.kind === "failed") throw unhealthy(inputs, verdict.reason);
    if (now() >= deadline) {
      const last = healthProblem(attempt, gate) ?? "it was healthy, but not often enough in a row";
      throw unhealthy(inputs, `not healthy within ${gate.deadlineSeconds} s: ${last}`);
    }
    progress = verdict.progress;
    await sleep(verdict.pauseSeconds * 1000);
  }
}

const soakPauseSeconds = 1;

/**
 * Watches a release that has just begun to serve.
 * @throws Unhealthy with the reason when its container ended, or when it failed too often in a row.
 */
export async function soak(inputs: RolloutInputs, session: Session, now: () => number = Date.now): Promise<void> {
  const { gate, soakSeconds } = inputs;
  const end = now() + soakSeconds * 1000;
  let failures = 0;
  while (now() < end) {
    await sleep(Math.min(soakPauseSeconds * 1000, end - now()));
    const [attempt] = parseAttempts(await session.run(commands.probe(inputs, 1, 1)));
    const ended = containerProblem(attempt);
    const problem = ended ?? healthProblem(attempt, gate);
    failures = problem === undefined ? 0 : failures + 1;
    if (problem !== undefined && (ended !== undefined || failures > gate.retries)) {
      throw unhealthy(inputs, `after the cutover: ${problem}`);
    }
  }
}
