import type { BridgedResource, Live } from "../bridge/bridged";
import type { Property, Schema } from "../bridge/schema";
import { flag, group, isProperties, items, text, texts, type Properties, type Value } from "../value";
import type { Answer, RestApi } from "./rest-api";

const off: Property = { shape: "flag", default: false };
/** Rules that the program does not use. */
const unused: Property = { shape: "object", fields: {}, unmodelled: true };
const pullRequestRule: Property = {
  shape: "object",
  fields: {
    allowedMergeMethods: { shape: "text-list", computed: true },
    dismissStaleReviewsOnPush: off,
    requireCodeOwnerReview: off,
    requireLastPushApproval: off,
    requiredApprovingReviewCount: { shape: "number", default: 0 },
    requiredReviewThreadResolution: off,
    requiredReviewers: { shape: "block-list", fields: {}, unmodelled: true },
  },
};

const checkFields: Schema = { context: { shape: "text" }, integrationId: { shape: "number", default: 0 } };
const statusChecks: Property = {
  shape: "object",
  fields: {
    doNotEnforceOnCreate: off,
    requiredChecks: { shape: "block-set", fields: checkFields },
    strictRequiredStatusChecksPolicy: off,
  },
};

/** Rules without parameters, by their names in Pulumi and in the API, in the order in which the real plugin sends them. */
const plainRules = {
  creation: "creation",
  update: "update",
  deletion: "deletion",
  requiredLinearHistory: "required_linear_history",
  requiredSignatures: "required_signatures",
  nonFastForward: "non_fast_forward",
} as const;

const unusedRules = [
  "branchNamePattern",
  "commitAuthorEmailPattern",
  "commitMessagePattern",
  "committerEmailPattern",
  "copilotCodeReview",
  "fileExtensionRestriction",
  "filePathRestriction",
  "maxFilePathLength",
  "maxFileSize",
  "mergeQueue",
  "requiredCodeScanning",
  "requiredDeployments",
  "tagNamePattern",
] as const;

const ruleFields: Schema = {
  ...Object.fromEntries(unusedRules.map((name) => [name, unused])),
  ...Object.fromEntries(Object.keys(plainRules).map((name) => [name, { shape: "flag" } as const])),
  pullRequest: pullRequestRule,
  requiredStatusChecks: statusChecks,
  updateAllowsFetchAndMerge: off,
};

const schema: Schema = {
  bypassActors: {
    shape: "block-list",
    fields: {
      actorId: { shape: "number", default: 0 },
      actorType: { shape: "text" },
      bypassMode: { shape: "text" },
    },
  },
  conditions: {
    shape: "object",
    fields: {
      refName: { shape: "object", fields: { excludes: { shape: "text-list" }, includes: { shape: "text-list" } } },
    },
  },
  enforcement: { shape: "text", required: true },
  etag: { shape: "text", readOnly: true },
  name: { shape: "text", required: true },
  nodeId: { shape: "text", readOnly: true },
  repository: { shape: "text", required: true },
  rules: { shape: "object", fields: ruleFields, required: true },
  rulesetId: { shape: "number", readOnly: true },
  target: { shape: "text", required: true },
};

function statusCheckRule(rules: Properties): Properties[] {
  const checks = group(rules, "requiredStatusChecks");
  if (checks === undefined) return [];
  const parameters = {
    do_not_enforce_on_create: flag(checks, "doNotEnforceOnCreate"),
    required_status_checks: items(checks, "requiredChecks").map((check) => ({
      context: text(check, "context"),
      ...(check["integrationId"] ? { integration_id: Number(check["integrationId"]) } : {}),
    })),
    strict_required_status_checks_policy: flag(checks, "strictRequiredStatusChecksPolicy"),
  };
  return [{ type: "required_status_checks", parameters }];
}

function pullRequestRuleOf(rules: Properties): Properties[] {
  const review = group(rules, "pullRequest");
  if (review === undefined) return [];
  const parameters = {
    ...(texts(review, "allowedMergeMethods").length > 0 && {
      allowed_merge_methods: texts(review, "allowedMergeMethods"),
    }),
    dismiss_stale_reviews_on_push: flag(review, "dismissStaleReviewsOnPush"),
    require_code_owner_review: flag(review, "requireCodeOwnerReview"),
    require_last_push_approval: flag(review, "requireLastPushApproval"),
    required_approving_review_count: Number(review["requiredApprovingReviewCount"] ?? 0),
    required_review_thread_resolution: flag(review, "requiredReviewThreadResolution"),
  };
  return [{ type: "pull_request", parameters }];
}

/** The body of `POST .../rulesets`. Pure. */
function rulesetRequest(plan: Properties): Properties {
  const rules = group(plan, "rules") ?? {};
  const refName = group(group(plan, "conditions") ?? {}, "refName");
  const plain = Object.entries(plainRules).flatMap(([name, type]) => (flag(rules, name) ? [{ type }] : []));
  return {
    name: text(plan, "name"),
    target: text(plan, "target"),
    source_type: "Repository",
    source: text(plan, "repository"),
    enforcement: text(plan, "enforcement"),
    bypass_actors: items(plan, "bypassActors").map((actor) => ({
      actor_id: Number(actor["actorId"]),
      actor_type: text(actor, "actorType"),
      bypass_mode: text(actor, "bypassMode"),
    })),
    ...(refName && {
      conditions: { ref_name: { include: texts(refName, "includes"), exclude: texts(refName, "excludes") } },
    }),
    rules: [
      ...plain.filter(({ type }) => type !== plainRules.nonFastForward),
      ...pullRequestRuleOf(rules),
      ...statusCheckRule(rules),
      ...plain.filter(({ type }) => type === plainRules.nonFastForward),
    ],
  };
}

function statusChecksOf(rules: readonly Properties[]): Value {
  const parameters = group(rules.find((rule) => rule["type"] === "required_status_checks") ?? {}, "parameters");
  if (parameters === undefined) return null;
  return {
    doNotEnforceOnCreate: flag(parameters, "do_not_enforce_on_create"),
    requiredChecks: items(parameters, "required_status_checks").map((check) => ({
      context: text(check, "context"),
      integrationId: Number(check["integration_id"] ?? 0),
    })),
    strictRequiredStatusChecksPolicy: flag(parameters, "strict_required_status_checks_policy"),
  };
}

function reviewOf(rules: readonly Properties[]): Value {
  const parameters = group(rules.find((rule) => rule["type"] === "pull_request") ?? {}, "parameters");
  if (parameters === undefined) return null;
  return {
    allowedMergeMethods: texts(parameters, "allowed_merge_methods"),
    dismissStaleReviewsOnPush: flag(parameters, "dismiss_stale_reviews_on_push"),
    requireCodeOwnerReview: flag(parameters, "require_code_owner_review"),
    requireLastPushApproval: flag(parameters, "require_last_push_approval"),
    requiredApprovingReviewCount: Number(parameters["required_approving_review_count"] ?? 0),
    requiredReviewThreadResolution: flag(parameters, "required_review_thread_resolution"),
    requiredReviewers: [],
  };
}

function rulesOf(rules: readonly Properties[]): Properties {
  const has = (type: string): boolean => rules.some((rule) => rule["type"] === type);
  return {
    ...Object.fromEntries(unusedRules.map((name) => [name, null])),
    ...Object.fromEntries(Object.entries(plainRules).map(([name, type]) => [name, has(type)])),
    pullRequest: reviewOf(rules),
    requiredStatusChecks: statusChecksOf(rules),
    updateAllowsFetchAndMerge: false,
  };
}

function conditionsOf(body: Properties): Value {
  const refName = group(group(body, "conditions") ?? {}, "ref_name");
  return isProperties(refName)
    ? { refName: { includes: texts(refName, "include"), excludes: texts(refName, "exclude") } }
    : null;
}

function live({ body, etag }: Answer): Live {
  const properties: Properties = {
    bypassActors: items(body, "bypass_actors").map((actor) => ({
      actorId: Number(actor["actor_id"]),
      actorType: text(actor, "actor_type"),
      bypassMode: text(actor, "bypass_mode"),
    })),
    conditions: conditionsOf(body),
    enforcement: text(body, "enforcement"),
    etag,
    name: text(body, "name"),
    nodeId: text(body, "node_id"),
    rules: rulesOf(items(body, "rules")),
    rulesetId: Number(body["id"]),
    target: text(body, "target"),
  };
  return { id: `${Number(body["id"])}`, properties };
}

/** `github.RepositoryRuleset` with reviews, required checks and the rules that have no parameters. */
export function repositoryRuleset(api: () => RestApi): BridgedResource {
  const all = (inputs: Properties): string => `${api().repository(text(inputs, "repository"))}/rulesets`;
  return {
    schema,
    idInState: true,
    deleteBeforeReplace: false,
    emptyDefaults: "keep",
    create: async (plan) => {
      await api().repositoryId(text(plan, "repository"));
      return live(await api().call("POST", all(plan), rulesetRequest(plan)));
    },
    read: async (id, state) => {
      const found = await api().find(`${all(state)}/${id}?includes_parents=false`);
      return found && live(found);
    },
    update: async (id, _state, plan) => live(await api().call("PUT", `${all(plan)}/${id}`, rulesetRequest(plan))),
    delete: async (id, state) => {
      await api().call("DELETE", `${all(state)}/${id}`);
    },
  };
}
