import type { BridgedResource } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { flag, group, items, text, type Properties } from "../value";
import type { RestApi } from "./rest-api";

const reviewerFields: Schema = { teams: { shape: "text-set" }, users: { shape: "text-set" } };

const environmentSchema: Schema = {
  canAdminsBypass: { shape: "flag", default: true },
  deploymentBranchPolicy: {
    shape: "object",
    fields: {
      customBranchPolicies: { shape: "flag", required: true },
      protectedBranches: { shape: "flag", required: true },
    },
  },
  environment: { shape: "text", required: true, replaces: true },
  preventSelfReview: { shape: "flag", default: false },
  repository: { shape: "text", required: true },
  repositoryId: { shape: "number", readOnly: true },
  reviewers: { shape: "block-list", fields: reviewerFields },
  waitTimer: { shape: "number" },
};

const ids = (block: Properties, kind: string): unknown[] => (block[kind] as unknown[] | undefined) ?? [];

function reviewersRequest(plan: Properties): unknown {
  const reviewers = items(plan, "reviewers").flatMap((block) => [
    ...ids(block, "teams").map((id) => ({ type: "Team", id })),
    ...ids(block, "users").map((id) => ({ type: "User", id })),
  ]);
  return reviewers.length === 0 ? null : reviewers;
}

/** The body of `PUT .../environments/<name>`. Pure. */
function environmentRequest(plan: Properties): Properties {
  const policy = group(plan, "deploymentBranchPolicy");
  return {
    wait_timer: Number(plan["waitTimer"] ?? 0),
    reviewers: reviewersRequest(plan) as Properties,
    can_admins_bypass: flag(plan, "canAdminsBypass"),
    deployment_branch_policy: policy
      ? {
          protected_branches: flag(policy, "protectedBranches"),
          custom_branch_policies: flag(policy, "customBranchPolicies"),
        }
      : null,
    prevent_self_review: flag(plan, "preventSelfReview"),
  };
}

const rulesOf = (body: Properties, type: string): Properties[] =>
  items(body, "protection_rules").filter((rule) => rule["type"] === type);

function reviewersOf(body: Properties): Properties[] {
  const found = rulesOf(body, "required_reviewers").flatMap((rule) => items(rule, "reviewers"));
  if (found.length === 0) return [];
  const of = (type: string) =>
    found.filter((entry) => entry["type"] === type).map((entry) => Number(group(entry, "reviewer")?.["id"]));
  return [{ teams: of("Team"), users: of("User") }];
}

function stateOf(body: Properties): Properties {
  const policy = group(body, "deployment_branch_policy");
  return {
    canAdminsBypass: flag(body, "can_admins_bypass"),
    deploymentBranchPolicy: policy
      ? {
          protectedBranches: flag(policy, "protected_branches"),
          customBranchPolicies: flag(policy, "custom_branch_policies"),
        }
      : null,
    preventSelfReview: rulesOf(body, "required_reviewers").some((rule) => flag(rule, "prevent_self_review")),
    reviewers: reviewersOf(body),
    waitTimer: Number(rulesOf(body, "wait_timer")[0]?.["wait_timer"] ?? 0),
  };
}

/** `github.RepositoryEnvironment`. */
export function repositoryEnvironment(api: () => RestApi): BridgedResource {
  const one = (inputs: Properties): string =>
    `${api().repository(text(inputs, "repository"))}/environments/${text(inputs, "environment")}`;
  return {
    schema: environmentSchema,
    idInState: true,
    deleteBeforeReplace: false,
    emptyDefaults: "keep",
    create: async (plan) => {
      const repositoryId = await api().repositoryId(text(plan, "repository"));
      await api().call("PUT", one(plan), environmentRequest(plan));
      return { id: `${text(plan, "repository")}:${text(plan, "environment")}`, properties: { repositoryId } };
    },
    read: async (id, state) => {
      const found = await api().find(one(state));
      return found && { id, properties: stateOf(found.body) };
    },
    update: async (id, state, plan) => {
      await api().call("PUT", one(plan), environmentRequest(plan));
      return { id, properties: { repositoryId: state["repositoryId"] } };
    },
    delete: async (_id, state) => {
      await api().call("DELETE", one(state));
    },
  };
}

const policySchema: Schema = {
  branchPattern: { shape: "text" },
  environment: { shape: "text", required: true, replaces: true },
  policyId: { shape: "number", readOnly: true },
  repository: { shape: "text", required: true },
  repositoryId: { shape: "number", readOnly: true },
  tagPattern: { shape: "text" },
};

/** `github.RepositoryEnvironmentDeploymentPolicy`: one branch or tag pattern that an environment takes. */
export function deploymentPolicy(api: () => RestApi): BridgedResource {
  const all = (inputs: Properties): string =>
    `${api().repository(text(inputs, "repository"))}/environments/${text(inputs, "environment")}/deployment-branch-policies`;
  const one = (state: Properties): string => `${all(state)}/${Number(state["policyId"])}`;
  const request = (plan: Properties) =>
    text(plan, "tagPattern")
      ? { name: text(plan, "tagPattern"), type: "tag" }
      : { name: text(plan, "branchPattern"), type: "branch" };
  return {
    schema: policySchema,
    idInState: true,
    deleteBeforeReplace: false,
    emptyDefaults: "keep",
    create: async (plan) => {
      const repositoryId = await api().repositoryId(text(plan, "repository"));
      const { body } = await api().call("POST", all(plan), request(plan));
      const policyId = Number(body["id"]);
      const id = `${text(plan, "repository")}:${text(plan, "environment")}:${policyId}`;
      return { id, properties: { policyId, repositoryId } };
    },
    read: async (id, state) => {
      const found = await api().find(one(state));
      if (found === undefined) return undefined;
      const pattern = found.body["type"] === "tag" ? "tagPattern" : "branchPattern";
      return { id, properties: { [pattern]: text(found.body, "name") } };
    },
    update: async (id, state, plan) => {
      await api().call("PUT", one(state), request(plan));
      return { id, properties: { policyId: state["policyId"], repositoryId: state["repositoryId"] } };
    },
    delete: async (_id, state) => {
      await api().call("DELETE", one(state));
    },
  };
}
