import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, stackRule, type Fact } from "./rule";

const ofRollout = <Value>(facts: (rollout: kinds.Rollout) => Iterable<Fact<Value>>) => [factsOf(kinds.rollout, facts)];

// What is not said here is said by our plugin, whose defaults are the domain's and are judged as well, at `up`.
const gateSource = "data-model.md 6, Deployment Validation";

export const rolloutServes = stackRule({
  name: "rollout-serves",
  why: "A container that serves is behind one Rollout: without its gate a broken release would get the traffic",
  source: "data-model.md 1, Deployment",
  remedy: "let an AppRollout depend on the container",
  *facts(stack) {
    const rollouts = kinds.resourcesOf(stack, kinds.rollout);
    for (const { resource } of kinds.resourcesOf(stack, kinds.container)) {
      yield fact(
        `${resource.name}: number of Rollouts behind it`,
        () =>
          rollouts.filter((rollout) => rollout.resource.dependencies.some(({ urn }) => urn === resource.urn)).length,
      );
    }
  },
  holds: (rollouts) => rollouts === 1,
});

export const rolloutAnswer = resourceRule({
  name: "rollout-answer",
  why: "The health check answers within 30 seconds",
  source: gateSource,
  remedy: "set gate.answerSeconds to 30 or less (config rollout.gate?.answerSeconds)",
  settings: { maximumSeconds: 30 },
  facts: ofRollout(({ gate }) => [fact("gate.answerSeconds", () => gate?.answerSeconds)]),
  holds: (seconds, { maximumSeconds }) => seconds === undefined || (seconds > 0 && seconds <= maximumSeconds),
});

export const rolloutRetries = resourceRule({
  name: "rollout-retries",
  why: "A release that fails its health check after three retries is rolled back",
  source: gateSource,
  remedy: "set gate.retries to 3 or less (config rollout.gate?.retries)",
  settings: { maximum: 3 },
  facts: ofRollout(({ gate }) => [fact("gate.retries", () => gate?.retries)]),
  holds: (retries = 0, { maximum }) => retries <= maximum,
});

export const rolloutCriticalChecks = resourceRule({
  name: "rollout-critical-checks",
  why: "A release whose database is not up gets no traffic",
  source: gateSource,
  remedy: 'have "database" in gate.criticalChecks (config rollout.gate?.criticalChecks)',
  settings: { critical: ["database"] },
  facts: ofRollout(({ gate }) => [fact("gate.criticalChecks", () => gate?.criticalChecks)]),
  holds: (checks, { critical }) => checks === undefined || critical.every((name) => checks.includes(name)),
});

export const rolloutVersion = resourceRule({
  name: "rollout-version",
  why: "The health check says that it is the release that answers: else the one before can pass its gate",
  source: "data-model.md 1, Health Check",
  remedy: "set gate.version to the image's tag",
  facts: ofRollout(({ gate, image }) => [fact("gate.version", () => ({ version: gate?.version, tag: image.tag }))]),
  holds: ({ version, tag }) => version === tag,
});

export const rolloutDeadline = resourceRule({
  name: "rollout-deadline",
  why: "A gate ends: an update that waits for ever holds the lock, and nobody can roll back",
  source: "design.md 4.2",
  remedy: "set gate.deadlineSeconds to 300 or less (config rollout.gate?.deadlineSeconds)",
  settings: { maximumSeconds: 300 },
  facts: ofRollout(({ gate }) => [fact("gate.deadlineSeconds", () => gate?.deadlineSeconds)]),
  holds: (seconds, { maximumSeconds }) => seconds === undefined || (seconds > 0 && seconds <= maximumSeconds),
});

interface Bounds extends Readonly<Record<string, number>> {
  readonly minimumSeconds: number;
  readonly maximumSeconds: number;
}

const isWithin = (seconds: number | undefined, { minimumSeconds, maximumSeconds }: Bounds): boolean =>
  seconds === undefined || (seconds >= minimumSeconds && seconds <= maximumSeconds);

export const rolloutDrain = resourceRule({
  name: "rollout-drain",
  why: "The old release finishes what is in flight, for a bounded time: too short loses requests, too long holds the lock",
  source: "design.md 4.2, step 6",
  remedy: "set drainSeconds between 10 and 300 (config rollout.drainSeconds)",
  settings: { minimumSeconds: 10, maximumSeconds: 300 },
  facts: ofRollout(({ drainSeconds }) => [fact("drainSeconds", () => drainSeconds)]),
  holds: isWithin,
});

export const rolloutConfirm = resourceRule({
  name: "rollout-confirm",
  why: "A cutover that nobody confirms is taken back by the host soon, yet not before it can be confirmed over a slow line",
  source: "design.md 4.2, step 3",
  remedy: "leave confirmSeconds at 60, or between 30 and 300",
  settings: { minimumSeconds: 30, maximumSeconds: 300 },
  facts: ofRollout(({ confirmSeconds }) => [fact("confirmSeconds", () => confirmSeconds)]),
  holds: isWithin,
});

export const rolloutStop = resourceRule({
  name: "rollout-stop",
  why: "A container has time to end in good order, LanceDB's commit included, and not for ever",
  source: "design.md 4.2, step 6",
  remedy: "set stopSeconds between 10 and 120 (config rollout.stopSeconds)",
  settings: { minimumSeconds: 10, maximumSeconds: 120 },
  facts: ofRollout(({ stopSeconds }) => [fact("stopSeconds", () => stopSeconds)]),
  holds: isWithin,
});

export const rolloutPreviousKept = resourceRule({
  name: "rollout-previous-kept",
  why: "The images of the last five releases stay on the host: a rollback must not need the registry",
  source: "data-model.md 1, Docker Image; design.md 4.1",
  remedy: "leave keepImages at 5",
  settings: { minimum: 5 },
  facts: ofRollout(({ keepImages }) => [fact("keepImages", () => keepImages)]),
  holds: (keepImages, { minimum }) => keepImages === undefined || keepImages >= minimum,
});
