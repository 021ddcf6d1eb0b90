import { Refusal } from "../http-core/refusal";
import { nextId, type Comment, type Deployment, type PackageVersion } from "./account";
import { created, done, now, ok, page, textOf, word, type Call, type Route } from "./call";
import { notFound } from "./refusal";

const versionBody = ({ id, name, created_at, tags }: PackageVersion) => ({
  id,
  name,
  created_at,
  metadata: { package_type: "container", container: { tags } },
});

const versionsPath = String.raw`^/users/[^/]+/packages/container/([^/]+)/versions`;

const packageRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: new RegExp(`${versionsPath}$`),
    scope: "packages",
    answer(call) {
      const versions = call.account.packages[word(call, 0)];
      if (versions === undefined) throw notFound();
      const newest = [...versions].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
      return page(call, newest.map(versionBody));
    },
  },
  {
    method: "DELETE",
    pattern: new RegExp(`${versionsPath}/(\\d+)$`),
    scope: "packages",
    answer(call) {
      const versions = call.account.packages[word(call, 0)] ?? [];
      const rest = versions.filter(({ id }) => id !== Number(word(call, 1)));
      if (rest.length === versions.length) throw notFound();
      if (rest.length === 0) throw new Refusal(400, "You cannot delete the last tagged version of a package.");
      call.account.packages[word(call, 0)] = rest;
      return done;
    },
  },
];

const deploymentBody = ({ id, sha, environment, created_at }: Deployment) => ({
  id,
  sha,
  ref: sha,
  environment,
  created_at,
});

function deploymentOf(call: Call): Deployment {
  const found = call.account.deployments.find(({ id }) => id === Number(word(call, 0)));
  if (found === undefined) throw notFound();
  return found;
}

const statusesPattern = /^\/repo\/deployments\/(\d+)\/statuses$/;

const deploymentRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/repo\/deployments$/,
    scope: "deployments",
    answer(call) {
      const environment = call.query.get("environment");
      const found = call.account.deployments.filter((one) => environment === null || one.environment === environment);
      return page(call, found.map(deploymentBody).reverse());
    },
  },
  {
    method: "POST",
    pattern: /^\/repo\/deployments$/,
    scope: "deployments",
    answer(call) {
      const { account } = call;
      const deployment: Deployment = {
        id: nextId(account),
        sha: textOf(call, "ref"),
        environment: textOf(call, "environment", "production"),
        created_at: now(),
        statuses: [],
      };
      account.deployments.push(deployment);
      return created(deploymentBody(deployment));
    },
  },
  {
    method: "GET",
    pattern: statusesPattern,
    scope: "deployments",
    answer: (call) => page(call, [...deploymentOf(call).statuses].reverse()),
  },
  {
    method: "POST",
    pattern: statusesPattern,
    scope: "deployments",
    answer(call) {
      const status = { id: nextId(call.account), state: textOf(call, "state"), created_at: now() };
      deploymentOf(call).statuses.push(status);
      return created(status);
    },
  },
];

const commentBody = ({ id, body }: Comment) => ({ id, body });

const commentRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/repo\/issues\/(\d+)\/comments$/,
    answer: (call) =>
      page(call, call.account.comments.filter(({ issue }) => issue === Number(word(call, 0))).map(commentBody)),
  },
  {
    method: "POST",
    pattern: /^\/repo\/issues\/(\d+)\/comments$/,
    scope: "issues",
    answer(call) {
      const id = nextId(call.account);
      const comment = { id, issue: Number(word(call, 0)), body: textOf(call, "body") };
      call.account.comments.push(comment);
      return created(commentBody(comment));
    },
  },
  {
    method: "PATCH",
    pattern: /^\/repo\/issues\/comments\/(\d+)$/,
    scope: "issues",
    answer(call) {
      const found = call.account.comments.find(({ id }) => id === Number(word(call, 0)));
      if (found === undefined) throw notFound();
      found.body = textOf(call, "body");
      return ok(commentBody(found));
    },
  },
];

/** Routes for versions of the repository's package, for deployments and for comments. */
export const activityRoutes: readonly Route[] = [...packageRoutes, ...deploymentRoutes, ...commentRoutes];
