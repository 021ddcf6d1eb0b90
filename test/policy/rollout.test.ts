import * as kinds from "../../policy/kinds";
import * as rollouts from "../../policy/rollout";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const container = resourceOf(kinds.container);
const rollout = resourceOf(kinds.rollout);

const app = container({}, { name: "app" });
const image = { repository: "ghcr.io/owner/app", tag: "4f2c1e9", digest: `sha256:${"a".repeat(64)}` };

testRules(rollouts, {
  rolloutServes: {
    passes: [app, rollout({}, { dependencies: ["app"] })],
    fails: [app, rollout({})],
    says: "app: number of Rollouts behind it is 0",
  },
  rolloutAnswer: {
    passes: rollout({ gate: { answerSeconds: 30 } }),
    fails: rollout({ gate: { answerSeconds: 31 } }),
    says: "it: gate.answerSeconds is 31",
  },
  rolloutRetries: {
    passes: rollout({ gate: { retries: 3 } }),
    fails: rollout({ gate: { retries: 4 } }),
    says: "it: gate.retries is 4",
  },
  rolloutCriticalChecks: {
    passes: rollout({ gate: { criticalChecks: ["database", "ollama"] } }),
    fails: rollout({ gate: { criticalChecks: ["ollama"] } }),
    says: 'it: gate.criticalChecks is ["ollama"]',
  },
  rolloutVersion: {
    passes: rollout({ gate: { version: "4f2c1e9" }, image }),
    fails: rollout({ gate: { version: "0000000" }, image }),
    says: 'it: gate.version is {"version":"0000000","tag":"4f2c1e9"}',
  },
  rolloutDeadline: {
    passes: rollout({ gate: { deadlineSeconds: 300 } }),
    fails: rollout({ gate: { deadlineSeconds: 301 } }),
    says: "it: gate.deadlineSeconds is 301",
  },
  rolloutDrain: {
    passes: rollout({ drainSeconds: 10 }),
    fails: rollout({ drainSeconds: 9 }),
    says: "it: drainSeconds is 9",
  },
  rolloutConfirm: {
    passes: rollout({ confirmSeconds: 300 }),
    fails: rollout({ confirmSeconds: 301 }),
    says: "it: confirmSeconds is 301",
  },
  rolloutStop: {
    passes: rollout({ stopSeconds: 120 }),
    fails: rollout({ stopSeconds: 121 }),
    says: "it: stopSeconds is 121",
  },
  rolloutPreviousKept: {
    passes: rollout({ keepImages: 5 }),
    fails: rollout({ keepImages: 4 }),
    says: "it: keepImages is 4",
  },
});
