import { gateOf } from "../config/health";
import { exposedFolders, keepAssetsSchema, privatePaths } from "../host/rollout/assets";
import * as kinds from "./kinds";
import {
  byCondition,
  condition,
  fact,
  factsOf,
  resourceRule,
  showJson,
  stackRule,
  type Condition,
  type Fact,
} from "./rule";
import type { StackSettings } from "./stack-settings";

const ofRollout = <Value>(facts: (rollout: kinds.Rollout) => Iterable<Fact<Value>>) => [factsOf(kinds.rollout, facts)];

export const rolloutServes = stackRule({
  name: "rollout-serves",
  why: "Each container is behind exactly one Rollout. Without its gate a broken release gets the traffic",
  source: "docs/data-model.md section 1",
  fix: "let one AppRollout depend on the container",
  *facts(stack) {
    const rollouts = kinds.resourcesOf(stack, kinds.rollout);
    for (const { resource } of kinds.resourcesOf(stack, kinds.container)) {
      yield fact(
        `${resource.name}: number of Rollouts`,
        () =>
          rollouts.filter((rollout) => rollout.resource.dependencies.some(({ urn }) => urn === resource.urn)).length,
      );
    }
  },
  holds: (rollouts) => rollouts === 1,
});

export const rolloutGate = resourceRule({
  name: "rollout-gate",
  why: "The gate asks what the section `health` of the configuration says: for the version of the new image, and for the critical checks. Otherwise the previous release passes the gate in its place, or a release that cannot read its data gets the traffic",
  source: "docs/data-model.md section 6",
  fix: "use AppRollout, which takes the gate from the section health of the stack's configuration",
  facts: [factsOf(kinds.rollout, (rollout, _, stack) => gateFacts(rollout, stack))],
  ...byCondition,
});

/** Without settings, the gate of an app whose health says everything. */
const expectedGate = ({ image }: kinds.Rollout, stack: StackSettings | undefined) =>
  stack ? gateOf(stack.health, image.tag) : { version: image.tag, criticalChecks: ["database"] };

function* gateFacts(rollout: kinds.Rollout, stack: StackSettings | undefined): Generator<Fact<Condition>> {
  const { gate } = rollout;
  const expected = () => expectedGate(rollout, stack);
  yield condition(
    "gate.version",
    () => gate?.version,
    (version) => version === expected().version,
  );
  yield condition(
    "gate.criticalChecks",
    () => gate?.criticalChecks && [...gate.criticalChecks],
    (checks) => checks === undefined || expected().criticalChecks.every((check) => checks.includes(check)),
  );
}

/** The smallest and the largest value of each number that a stack file can set. */
const bounds = {
  "gate.answerSeconds": [1, 30],
  "gate.retries": [0, 3],
  "gate.deadlineSeconds": [1, 300],
  soakSeconds: [0, 3600],
  confirmSeconds: [30, 300],
  drainSeconds: [10, 300],
  stopSeconds: [10, 120],
  pidsLimit: [1, 4096],
  keepImages: [5, 100],
} as const;

type Bounded = keyof typeof bounds;

const numbersOf = ({ gate, ...rollout }: kinds.Rollout): Record<Bounded, number | undefined> => ({
  "gate.answerSeconds": gate?.answerSeconds,
  "gate.retries": gate?.retries,
  "gate.deadlineSeconds": gate?.deadlineSeconds,
  soakSeconds: rollout.soakSeconds,
  confirmSeconds: rollout.confirmSeconds,
  drainSeconds: rollout.drainSeconds,
  stopSeconds: rollout.stopSeconds,
  pidsLimit: rollout.pidsLimit,
  keepImages: rollout.keepImages,
});

const limitName = (name: string, end: "Minimum" | "Maximum"): string =>
  `${name.replace(/^gate\.(.)/, (_, first: string) => `gate${first.toUpperCase()}`)}${end}`;

const defaultLimits: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(bounds).flatMap(([name, [minimum, maximum]]) => [
    [limitName(name, "Minimum"), minimum],
    [limitName(name, "Maximum"), maximum],
  ]),
);

export const rolloutLimits = resourceRule({
  name: "rollout-limits",
  why: "Each step of a rollout ends in a fixed time, a stopped app has time to finish its work, and previous images stay for a rollback. A gate that waits for an hour holds the lock, and a drain of no time loses requests",
  source: "docs/data-model.md section 6; docs/decisions/0014-drain-before-stop.md",
  fix: "set the number within its limits (config rollout, config health), or change the limits of this rule with --policy-pack-config",
  limits: defaultLimits,
  facts: ofRollout(function* (rollout) {
    for (const name of Object.keys(bounds) as Bounded[]) {
      yield fact(name, () => ({ name, value: numbersOf(rollout)[name] }));
    }
  }),
  holds: ({ name, value }, { limits }) =>
    value === undefined ||
    (value >= (limits[limitName(name, "Minimum")] ?? value) && value <= (limits[limitName(name, "Maximum")] ?? value)),
  show: ({ name, value }) => `${value ?? "not set"} and not between ${bounds[name].join(" and ")}`,
});

export const rolloutAssets = resourceRule({
  name: "rollout-assets",
  why: "nginx publishes the files that a Rollout keeps. A folder with the app's variables or data would show them to everybody",
  source: "docs/configuration.md, site.keepAssets",
  fix: "let AppRollout take keepAssets from site.keepAssets of the stack's configuration",
  facts: [
    factsOf(kinds.rollout, ({ keepAssets = {} }, _, stack) => [fact("keepAssets", () => ({ keepAssets, stack }))]),
  ],
  holds: ({ keepAssets, stack }) =>
    keepAssetsSchema.safeParse(keepAssets).success &&
    (stack === undefined || exposedFolders(keepAssets, privatePaths(stack)).length === 0),
  show: ({ keepAssets }) => showJson(keepAssets),
});
