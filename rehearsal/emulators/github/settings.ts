import type { Body } from "../http-core/exchange";
import { Refusal } from "../http-core/refusal";
import { nextId, type StoredEnvironment, type StoredVariable } from "./account";
import { created, done, now, ok, page, word, type Answer, type Call, type Route } from "./call";
import { notFound } from "./refusal";

const variableBody = (name: string, variable: StoredVariable): Body => ({
  name,
  value: variable.value,
  created_at: variable.createdAt,
  updated_at: variable.updatedAt,
});

function variableOf(call: Call): StoredVariable {
  const variable = call.account.variables[word(call, 0)];
  if (variable === undefined) throw notFound();
  return variable;
}

const variableRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: /^\/repo\/actions\/variables$/,
    scope: "secrets",
    answer({ account, body }) {
      const name = String(body["name"]);
      if (account.variables[name] !== undefined) throw new Refusal(409, `Already exists - Variable already exists`);
      account.variables[name] = { value: String(body["value"]), createdAt: now(), updatedAt: now() };
      return created({});
    },
  },
  {
    method: "GET",
    pattern: /^\/repo\/actions\/variables\/([^/]+)$/,
    scope: "secrets",
    answer: (call) => ok(variableBody(word(call, 0), variableOf(call))),
  },
  {
    method: "PATCH",
    pattern: /^\/repo\/actions\/variables\/([^/]+)$/,
    scope: "secrets",
    answer(call) {
      Object.assign(variableOf(call), { value: String(call.body["value"]), updatedAt: now() });
      return done;
    },
  },
  {
    method: "DELETE",
    pattern: /^\/repo\/actions\/variables\/([^/]+)$/,
    scope: "secrets",
    answer(call) {
      variableOf(call);
      Reflect.deleteProperty(call.account.variables, word(call, 0));
      return done;
    },
  },
];

function environmentOf(call: Call): StoredEnvironment {
  const environment = call.account.environments[word(call, 0)];
  if (environment === undefined) throw notFound();
  return environment;
}

function environmentBody(name: string, { id, settings, createdAt, updatedAt }: StoredEnvironment): Body {
  const reviewers = (settings["reviewers"] as { type: string; id: number }[] | null | undefined) ?? [];
  const review = {
    type: "required_reviewers",
    prevent_self_review: settings["prevent_self_review"] === true,
    reviewers: reviewers.map(({ type, id: reviewer }) => ({ type, reviewer: { id: reviewer } })),
  };
  return {
    id,
    name,
    created_at: createdAt,
    updated_at: updatedAt,
    can_admins_bypass: settings["can_admins_bypass"] ?? true,
    protection_rules: reviewers.length === 0 ? [] : [review],
    deployment_branch_policy: settings["deployment_branch_policy"] ?? null,
  };
}

function putEnvironment(call: Call): Answer {
  const name = word(call, 0);
  const before = call.account.environments[name];
  const fresh = { id: nextId(call.account), secrets: {}, policies: [], createdAt: now() };
  const environment = { ...(before ?? fresh), settings: call.body, updatedAt: now() };
  call.account.environments[name] = environment;
  return ok(environmentBody(name, environment));
}

const policiesPattern = /^\/repo\/environments\/([^/]+)\/deployment-branch-policies$/;
const policyPattern = /^\/repo\/environments\/([^/]+)\/deployment-branch-policies\/(\d+)$/;
const policyBody = (policy: { id: number; name: string; type: string }): Body => ({
  ...policy,
  node_id: `D${policy.id}`,
});

const environmentRoutes: readonly Route[] = [
  {
    method: "PUT",
    pattern: /^\/repo\/environments\/([^/]+)$/,
    scope: "administration",
    answer: putEnvironment,
  },
  {
    method: "GET",
    pattern: /^\/repo\/environments\/([^/]+)$/,
    answer: (call) => ok(environmentBody(word(call, 0), environmentOf(call))),
  },
  {
    method: "DELETE",
    pattern: /^\/repo\/environments\/([^/]+)$/,
    scope: "administration",
    answer(call) {
      environmentOf(call);
      Reflect.deleteProperty(call.account.environments, word(call, 0));
      return done;
    },
  },
  {
    method: "GET",
    pattern: policiesPattern,
    answer: (call) => ok({ branch_policies: environmentOf(call).policies.map(policyBody) }),
  },
  {
    method: "POST",
    pattern: policiesPattern,
    scope: "administration",
    answer(call) {
      const type = call.body["type"] === "tag" ? ("tag" as const) : ("branch" as const);
      const policy = { id: nextId(call.account), name: String(call.body["name"]), type };
      environmentOf(call).policies.push(policy);
      return ok(policyBody(policy));
    },
  },
  {
    method: "GET",
    pattern: policyPattern,
    answer(call) {
      const found = environmentOf(call).policies.find(({ id }) => id === Number(word(call, 1)));
      if (found === undefined) throw notFound();
      return ok(policyBody(found));
    },
  },
  {
    method: "PUT",
    pattern: policyPattern,
    scope: "administration",
    answer(call) {
      const found = environmentOf(call).policies.find(({ id }) => id === Number(word(call, 1)));
      if (found === undefined) throw notFound();
      found.name = String(call.body["name"]);
      return ok(policyBody(found));
    },
  },
  {
    method: "DELETE",
    pattern: policyPattern,
    scope: "administration",
    answer(call) {
      const environment = environmentOf(call);
      environment.policies = environment.policies.filter(({ id }) => id !== Number(word(call, 1)));
      return done;
    },
  },
];

function rulesetBody(call: Call, id: number): Body {
  const found = call.account.rulesets.find((ruleset) => ruleset.id === id);
  if (found === undefined) throw notFound();
  return { id, node_id: `RS${id}`, source: call.account.repository, source_type: "Repository", ...found.settings };
}

const rulesetRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/repo\/rulesets$/,
    answer: (call) =>
      page(
        call,
        call.account.rulesets.map(({ id }) => rulesetBody(call, id)),
      ),
  },
  {
    method: "POST",
    pattern: /^\/repo\/rulesets$/,
    scope: "administration",
    answer(call) {
      if (call.account.rulesets.some(({ settings }) => settings["name"] === call.body["name"]))
        throw new Refusal(422, "Validation Failed: Name must be unique");
      const id = nextId(call.account);
      call.account.rulesets.push({ id, settings: call.body });
      return created(rulesetBody(call, id));
    },
  },
  {
    method: "GET",
    pattern: /^\/repo\/rulesets\/(\d+)$/,
    answer: (call) => ok(rulesetBody(call, Number(word(call, 0)))),
  },
  {
    method: "PUT",
    pattern: /^\/repo\/rulesets\/(\d+)$/,
    scope: "administration",
    answer(call) {
      const found = call.account.rulesets.find(({ id }) => id === Number(word(call, 0)));
      if (found === undefined) throw notFound();
      found.settings = call.body;
      return ok(rulesetBody(call, found.id));
    },
  },
  {
    method: "DELETE",
    pattern: /^\/repo\/rulesets\/(\d+)$/,
    scope: "administration",
    answer(call) {
      const { account } = call;
      account.rulesets = account.rulesets.filter(({ id }) => id !== Number(word(call, 0)));
      return done;
    },
  },
];

/** Routes for the repository's settings: variables, environments with their branch policies, rulesets. */
export const settingRoutes: readonly Route[] = [...variableRoutes, ...environmentRoutes, ...rulesetRoutes];
