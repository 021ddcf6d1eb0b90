import * as kinds from "./kinds";
import { fact, factsOf, resourceRule, showJson, type Fact } from "./rule";
import { expressionsIn, parseWorkflow, type Job, type Workflow } from "./workflow-text";

type Read<Value> = (workflow: Workflow) => Iterable<readonly [at: string, value: Value]>;

const ofWorkflow = <Value>(read: Read<Value>) => [
  factsOf(kinds.repositoryFile, function* ({ file, content }): Generator<Fact<Value>> {
    if (!file.startsWith(".github/workflows/")) return;
    const found = fact(file, () => [...read(parseWorkflow(content))]).value();
    for (const [at, value] of found) yield fact(`${at} in ${file}`, () => value);
  }),
];

const isPinned = (action: string): boolean =>
  action.startsWith("./") || /@[0-9a-f]{40}$/.test(action) || /^docker:\/\/.+@sha256:[0-9a-f]{64}$/.test(action);

export const workflowPinned = resourceRule({
  name: "workflow-pinned",
  why: "A workflow names each action by the hash of a commit. A tag can be moved to code that steals the deploy key",
  source: "OpenSSF Scorecard, Pinned-Dependencies",
  fix: "write uses: <owner>/<action>@<40 hexadecimal digits> # <version>",
  facts: ofWorkflow(({ jobs }) =>
    jobs.flatMap((job) => [
      ...(job.uses === undefined ? [] : [[`jobs.${job.name}.uses`, job.uses] as const]),
      ...job.steps.flatMap(({ at, uses }) => (uses === undefined ? [] : [[`${at}.uses`, uses] as const])),
    ]),
  ),
  holds: isPinned,
});

/** Rights that a job of this pipeline needs: it pushes the image, and attests or records a deployment. */
const writable = ["packages", "deployments", "id-token", "attestations"];

const levelsOf = (permissions: unknown): [string, unknown][] | undefined =>
  typeof permissions === "object" && permissions !== null ? Object.entries(permissions) : undefined;

const isReadOnly = (permissions: unknown): boolean =>
  levelsOf(permissions)?.every(([, level]) => level === "read" || level === "none") ?? permissions === "read-all";

const isNarrow = (permissions: unknown): boolean =>
  permissions === undefined ||
  permissions === "read-all" ||
  (levelsOf(permissions)?.every(([name, level]) => level !== "write" || writable.includes(name)) ?? false);

interface Permissions {
  readonly isTop: boolean;
  readonly permissions: unknown;
}

export const workflowPermissions = resourceRule({
  name: "workflow-permissions",
  why: "The token of a workflow can only read, unless one job needs more. Each step of each action has this token, and with write access it changes the code that is deployed",
  source: "OpenSSF Scorecard, Token-Permissions",
  fix: "write `permissions: { contents: read }` at the top, and at a single job only what it writes: packages, deployments, id-token or attestations",
  facts: ofWorkflow<Permissions>(({ permissions, jobs }) => [
    ["permissions", { isTop: true, permissions }],
    ...jobs.map((job): readonly [string, Permissions] => [
      `jobs.${job.name}.permissions`,
      { isTop: false, permissions: job.permissions },
    ]),
  ]),
  holds: ({ isTop, permissions }) => (isTop ? isReadOnly(permissions) : isNarrow(permissions)),
  show: ({ permissions }) => showJson(permissions),
});

/** Triggers that run for a stranger's change or comment with the secrets of the repository. */
const dangerousTriggers = [
  ...["pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"],
  ...["pull_request_review", "pull_request_review_comment", "repository_dispatch", "fork", "watch"],
];

export const workflowTriggers = resourceRule({
  name: "workflow-triggers",
  why: "No workflow runs a stranger's change or comment with the secrets of the repository",
  source: "OpenSSF Scorecard, Dangerous-Workflow",
  fix: "use push, pull_request, schedule, workflow_call or workflow_dispatch",
  facts: ofWorkflow(({ triggers }) => [["on", triggers] as const]),
  holds: (triggers) => triggers.length > 0 && !triggers.some((trigger) => dangerousTriggers.includes(trigger)),
});

/** Values that a contributor chooses: titles, branch names, messages. */
const chosenByOthers =
  /\b(github\s*\.\s*(event\b|head_ref|ref_name|ref\b|actor|triggering_actor|base_ref|workflow_ref)|github\s*\[|inputs\b|toJSON\s*\(\s*github)/;

/** Names of inputs that an action runs as code. */
const codeInputs = ["script", "run", "command", "args", "cmd", "inlineScript"];

const scriptsOf = ({ steps }: Job): (readonly [string, string])[] =>
  steps.flatMap(({ at, run, with: inputs }) => [
    ...(run === undefined ? [] : [[`${at}.run`, run] as const]),
    ...codeInputs.flatMap((name) => {
      const value = inputs[name];
      return typeof value === "string" ? [[`${at}.with.${name}`, value] as const] : [];
    }),
  ]);

export const workflowInjection = resourceRule({
  name: "workflow-injection",
  why: "A script has no expression with a value that a contributor chooses. GitHub pastes the value into the script, so the name of a branch can run commands",
  source: "docs.github.com, Script injections",
  fix: 'put the expression into `env` of the step and use the variable in the script, as "$NAME"',
  facts: ofWorkflow(({ jobs }) => jobs.flatMap(scriptsOf)),
  holds: (script) => !expressionsIn(script).some((expression) => chosenByOthers.test(expression)),
  show: (script) =>
    expressionsIn(script)
      .filter((expression) => chosenByOthers.test(expression))
      .map((expression) => `\${{ ${expression} }}`)
      .join(", "),
});

const hosted = /^(ubuntu|windows|macos)-[\w.-]+$/;

const labelsOf = (runsOn: unknown): unknown[] => (Array.isArray(runsOn) ? runsOn : [runsOn]);

export const workflowRunner = resourceRule({
  name: "workflow-runner",
  why: "Jobs run on fresh machines of GitHub. On a runner of one's own, the job of one pull request can leave code for the next deployment",
  source: "docs.github.com, Security hardening for GitHub Actions, self-hosted runners",
  fix: "set runs-on to a runner of GitHub, such as ubuntu-24.04",
  facts: ofWorkflow(({ jobs }) =>
    jobs
      .filter(({ uses }) => uses === undefined)
      .map(({ name, runsOn }) => [`jobs.${name}.runs-on`, labelsOf(runsOn)] as const),
  ),
  holds: (labels) => labels.length > 0 && labels.every((label) => typeof label === "string" && hosted.test(label)),
});

const secretNames = (value: string): string[] =>
  expressionsIn(value).flatMap((expression) =>
    [...expression.matchAll(/\bsecrets(?:\s*\.\s*(\w+)|\b)/g)].map(([whole, name]) => name ?? whole),
  );

/** Secrets that a job without an environment can use: the token of the job itself. */
const ownToken = ["GITHUB_TOKEN"];

function* secretUses({ env, jobs, triggers }: Workflow): Generator<readonly [string, readonly string[]]> {
  for (const [name, value] of Object.entries(env)) yield [`env.${name}`, secretNames(String(value))];
  for (const job of jobs) {
    if (job.secrets !== undefined)
      yield [`jobs.${job.name}.secrets`, [job.secrets === "inherit" ? "inherit" : "passed on"]];
    const isForForks = triggers.includes("pull_request");
    for (const [at, value] of job.texts) {
      const names = secretNames(value).filter((name) => !ownToken.includes(name));
      const isWhole = names.includes("secrets");
      const isInEnv = at.startsWith(`jobs.${job.name}.env.`);
      if (isWhole || isInEnv || isForForks || !job.isInEnvironment) yield [at, names];
    }
  }
}

export const workflowSecrets = resourceRule({
  name: "workflow-secrets",
  why: "A secret reaches only the step that needs it, in a job with an environment, and never a workflow that pull requests start. In `env` of a job or workflow every action can read it",
  source: "docs.github.com, Security hardening for GitHub Actions, using secrets",
  fix: "name the secret in `env` or `with` of the single step, and give the job an `environment` that only the deployed branch can use",
  facts: ofWorkflow(secretUses),
  holds: (names) => names.length === 0,
  show: (names) => names.join(", "),
});
