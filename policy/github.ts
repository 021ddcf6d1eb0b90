import { parse } from "yaml";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule } from "./rule";

/** A workflow, as far as rules look at it. */
interface Workflow {
  readonly on?: unknown;
  readonly permissions?: unknown;
}

const workflowFacts = <Value>(what: string, read: (content: string) => Value) => [
  factsOf(kinds.repositoryFile, ({ file, content }) =>
    file.startsWith(".github/workflows/") ? [fact(`${what} of ${file}`, () => read(content))] : [],
  ),
];

const isPinned = (action: string): boolean =>
  action.startsWith("./") || /@[0-9a-f]{40}$/.test(action) || /^docker:\/\/.+@sha256:[0-9a-f]{64}$/.test(action);

export const workflowPinned = resourceRule({
  name: "workflow-pinned",
  why: "A workflow names each action by a commit's hash: a tag can be moved to code that takes the deploy key",
  source: "OpenSSF Scorecard, Pinned-Dependencies; zizmor unpinned-uses",
  remedy: "write uses: <owner>/<action>@<40 hexadecimal digits> # <version>",
  facts: workflowFacts("unpinned actions", (content) =>
    [...content.matchAll(/^\s*(?:-\s+)?uses:\s*["']?([^\s"'#]+)/gm)]
      .map(([, action = ""]) => action)
      .filter((action) => !isPinned(action)),
  ),
  holds: (unpinned) => unpinned.length === 0,
});

const isReadOnly = (permissions: unknown): boolean =>
  permissions === "read-all" ||
  (typeof permissions === "object" &&
    permissions !== null &&
    Object.values(permissions).every((level) => level === "read" || level === "none"));

export const workflowPermissions = resourceRule({
  name: "workflow-permissions",
  why: "A workflow's token can only read, unless a job asks for more: each step of each action holds it",
  source: "OpenSSF Scorecard, Token-Permissions",
  remedy: "write `permissions: { contents: read }` at the top, and more at the one job that needs it",
  facts: workflowFacts("permissions", (content) => (parse(content) as Workflow).permissions),
  holds: isReadOnly,
});

const dangerous = ["pull_request_target", "workflow_run"];

export const workflowTriggers = resourceRule({
  name: "workflow-triggers",
  why: "No workflow runs a stranger's pull request with the repository's secrets",
  source: "OpenSSF Scorecard, Dangerous-Workflow",
  remedy: "use pull_request instead",
  facts: workflowFacts("triggers", (content) => {
    const { on } = parse(content) as Workflow;
    return typeof on === "string" ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(on ?? {});
  }),
  holds: (triggers) => !triggers.some((trigger) => dangerous.includes(trigger)),
});

export const environmentRestricted = resourceRule({
  name: "environment-restricted",
  why: "An environment with secrets is open to named branches only",
  source: "issue 8, github; design.md 5.4",
  remedy:
    "set deploymentBranchPolicy to { protectedBranches: false, customBranchPolicies: true }, with a deployment policy for main",
  facts: [
    factsOf(kinds.environment, ({ deploymentBranchPolicy: policy }) => [
      fact("deploymentBranchPolicy", () => policy && { custom: policy.customBranchPolicies }),
    ]),
  ],
  holds: (policy) => policy?.custom === true,
});

export const environmentBranch = resourceRule({
  name: "environment-branch",
  why: "Only main is deployed",
  source: "data-model.md 1, Docker Image: built on merge to main",
  remedy:
    'set branchPattern to "main", and no tagPattern; another branch goes into the pack\'s configuration (branches)',
  settings: { branches: ["main"] },
  facts: [
    factsOf(kinds.deploymentPolicy, ({ branchPattern, tagPattern }) => [
      fact("branchPattern and tagPattern", () => ({ branchPattern, tagPattern })),
    ]),
  ],
  holds: ({ branchPattern, tagPattern }, { branches }) =>
    !tagPattern && branchPattern !== undefined && branches.includes(branchPattern),
});

const keyTypes = ["github:index/repositoryDeployKey:RepositoryDeployKey", "tls:index/privateKey:PrivateKey"];

export const deployKeyAbsent = resourceRule({
  name: "deploy-key-absent",
  why: "The key that deploys is no resource: its private half would be in the state",
  source: "design.md 5.5",
  remedy: "take it out and run `ops pipeline init`, which makes it and hands it to GitHub once",
  facts: keyTypes.map((type) => ({ type, facts: () => [fact("type", () => type)] })),
  holds: () => false,
});
