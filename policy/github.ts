import * as kinds from "./kinds";
import {
  byCondition,
  condition,
  fact,
  factsOf,
  resourceRule,
  showJson,
  type Condition,
  type Fact,
  type Selector,
} from "./rule";
import type { StackSettings } from "./stack-settings";

/** The repository that a resource of GitHub changes, under the name that its type has for it. */
const repositoryOf = (props: Readonly<Record<string, unknown>>): unknown =>
  "baseRepository" in props ? props["baseRepository"] : props["repository"];

const inRepository = [
  kinds.pullRequest,
  kinds.environment,
  kinds.deploymentPolicy,
  kinds.ruleset,
  kinds.repositoryFile,
];

const workflowFile = /^\.github\/(workflows\/[a-z][a-z0-9-]*\.yml|CODEOWNERS)$/;

export const githubRepository = resourceRule({
  name: "github-repository",
  why: "The program changes only the app's repository, and writes only its workflow files on the deployed branch. Any other file would be code of the app that no review has seen",
  source: "docs/pipeline.md",
  fix: "set repository and branch to pipeline.repository and pipeline.branch of the stack's configuration, and file to .github/workflows/<name>.yml or .github/CODEOWNERS",
  facts: [
    ...inRepository.map(({ type }): Selector<Condition> => ({
      type,
      facts: ({ props }, stack) => [
        condition(
          "repository",
          () => repositoryOf(props),
          (repository) => stack?.pipeline === undefined || repository === stack.pipeline.repository,
        ),
      ],
    })),
    factsOf(kinds.repositoryFile, ({ file, branch }, _, stack) => [
      condition(
        "file",
        () => file,
        (path) => workflowFile.test(path),
      ),
      condition(
        "branch",
        () => branch,
        (name) => stack?.pipeline === undefined || name === stack.pipeline.branch,
      ),
    ]),
  ],
  ...byCondition,
});

const isOneBranch = (pattern: string | undefined): boolean => pattern !== undefined && !/[*?[]/.test(pattern);

export const environmentBranch = resourceRule({
  name: "environment-branch",
  why: "Only the deployed branch can use the secrets of an environment. Without a policy, or with a pattern or a tag, every contributor can use them",
  source: "docs.github.com, Managing environments for deployment",
  fix: "set deploymentBranchPolicy to { protectedBranches: false, customBranchPolicies: true }, and branchPattern of its policy to pipeline.branch, without a tagPattern",
  facts: [
    factsOf(kinds.environment, ({ deploymentBranchPolicy: policy }) => [
      condition(
        "deploymentBranchPolicy.customBranchPolicies",
        () => policy?.customBranchPolicies,
        (isCustom) => isCustom === true,
      ),
    ]),
    factsOf(kinds.deploymentPolicy, ({ branchPattern, tagPattern }, _, stack) => [
      condition(
        "branchPattern",
        () => branchPattern,
        (branch) => isOneBranch(branch) && (stack?.pipeline === undefined || branch === stack.pipeline.branch),
      ),
      condition(
        "tagPattern",
        () => tagPattern,
        (tag) => (tag ?? "") === "",
      ),
    ]),
  ],
  ...byCondition,
});

type Ruleset = NonNullable<(typeof kinds.ruleset)["props"]>;

/** The role of a repository's admins. */
const adminRole = 5;

const isAdmin = (actor: NonNullable<Ruleset["bypassActors"]>[number]): boolean =>
  actor.actorType === "RepositoryRole" && actor.actorId === adminRole;

interface Part {
  readonly is: boolean;
  readonly value: unknown;
  /** Allowed only where the program commits the workflow files itself. */
  readonly onlyByCommit?: boolean;
}

/** The deployed branch, or the default branch. Without settings any single branch. */
const includesBranch = (refs: readonly string[], stack: StackSettings | undefined): boolean =>
  refs.includes("~DEFAULT_BRANCH") ||
  (stack?.pipeline
    ? refs.includes(`refs/heads/${stack.pipeline.branch}`)
    : refs.some((ref) => ref.startsWith("refs/heads/") && isOneBranch(ref)));

function* rulesetFacts(ruleset: Ruleset, stack: StackSettings | undefined): Generator<Fact<Part>> {
  const { enforcement, target, conditions, rules, bypassActors = [] } = ruleset;
  const refs = conditions?.refName;
  const checks = rules.requiredStatusChecks?.requiredChecks;
  const parts: Readonly<Record<string, Part>> = {
    enforcement: { is: enforcement === "active", value: enforcement },
    target: { is: target === "branch", value: target },
    "conditions.refName.includes": { is: includesBranch(refs?.includes ?? [], stack), value: refs?.includes },
    "conditions.refName.excludes": { is: (refs?.excludes ?? []).length === 0, value: refs?.excludes },
    "rules.deletion": { is: rules.deletion === true, value: rules.deletion },
    "rules.nonFastForward": { is: rules.nonFastForward === true, value: rules.nonFastForward },
    "rules.requiredStatusChecks": { is: (checks ?? []).length > 0, value: checks },
  };
  for (const [at, part] of Object.entries(parts)) yield fact(at, () => part);
  for (const [index, actor] of bypassActors.entries()) {
    yield fact(`bypassActors[${index}]`, () => ({ is: isAdmin(actor), value: { ...actor }, onlyByCommit: true }));
  }
}

export const rulesetActive = resourceRule({
  name: "ruleset-active",
  why: "The deployed branch accepts only commits that passed the checks, from everybody. A disabled ruleset or a further bypass lets anybody with write access deploy",
  source: "docs.github.com, Available rules for rulesets",
  fix: 'set enforcement to "active" for refs/heads/<pipeline.branch>, with deletion, nonFastForward and requiredStatusChecks; let only admins pass, and only where pipeline.workflowsBy is "commit"',
  facts: [factsOf(kinds.ruleset, (ruleset, _, stack) => rulesetFacts(ruleset, stack))],
  holds: ({ is, onlyByCommit }, { stack }) =>
    is && (onlyByCommit !== true || stack?.pipeline === undefined || stack.pipeline.workflowsBy === "commit"),
  show: ({ value }) => showJson(value),
});

export const githubProvider = resourceRule({
  name: "github-provider",
  why: "GitHub is used over https, at the configured owner, and its token is in no resource. The state would keep the token",
  source: "docs/pipeline.md, Tokens",
  fix: "set owner to pipeline.owner, leave token out, and set the variable GITHUB_TOKEN instead",
  facts: [
    factsOf(kinds.githubProvider, ({ owner, baseUrl, ...others }) => [
      fact("owner", () => ({ name: "owner", value: owner })),
      fact("baseUrl", () => ({ name: "baseUrl", value: baseUrl })),
      ...["token", "appAuth"].map((name) => fact(name, () => ({ name, value: others[name] }))),
    ]),
  ],
  holds: ({ name, value }, { stack }) => {
    if (name === "owner") return stack?.pipeline === undefined || value === stack.pipeline.owner;
    if (name === "baseUrl" && value !== undefined)
      return value === stack?.pipeline?.baseUrl || (typeof value === "string" && value.startsWith("https://"));
    return value === undefined;
  },
  show: ({ name, value }) => (name === "owner" || name === "baseUrl" ? showJson(value) : "set (not shown)"),
});
