import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config";
import { requiredChecks } from "../config/checks";
import type { Files } from "../github/branch";
import { proposalBranch, type Proposal } from "../github/workflow-proposal";
import { proposalHook } from "./resources/proposal-hook";
import { rulesetHook } from "./resources/ruleset-hook";

type PipelineConfig = NonNullable<Config["pipeline"]>;

export interface PipelineArgs extends PipelineConfig {
  readonly app: { readonly name: string; readonly domain: string };
  /** The files of this program in the app's repository, by path. */
  readonly files: Files;
  /** The pull request that should exist, when the files are proposed and not committed. */
  readonly proposal?: Proposal | undefined;
  /** Whether the repository's plan has environments and rulesets. GitHub Free has them for public repositories only. */
  readonly hasProtections: boolean;
}

/**
 * Environments of the jobs, each with its own secrets. `build` makes the image. `production` deploys it; GitHub's
 * Deployments of this name are the deployments. `retention` deletes old images, which is no deployment.
 */
const environments = ["build", "production", "retention"] as const;

/** GitHub's numbers: of Actions, so that nothing else can report a check, and of the role `admin`. */
const actionsAppId = 15368;
const adminRoleId = 5;

const rulesetName = "checks";

/**
 * The SDK makes GITHUB_TOKEN an input when none is given. The state would then contain it, each other token would be a
 * change, and a refresh would use the old one. Without the input the plugin reads the variable itself.
 */
const withoutToken: pulumi.ResourceTransformation = ({ props, opts }) => ({
  props: { ...(props as object), token: undefined },
  opts,
});

/**
 * The app's repository on GitHub: the workflows, the environments of their jobs, and a branch that takes only what passed
 * the checks. GITHUB_TOKEN comes from the environment and is no input, so no state contains it. A file that exists
 * already is not overwritten: the first `up` fails, unless `overwriteWorkflows` is set.
 */
export class Pipeline extends pulumi.ComponentResource {
  private readonly options: pulumi.CustomResourceOptions;

  constructor(name: string, args: PipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Pipeline", name, {}, opts);
    this.options = { parent: this, provider: this.provider(name, args) };
    this.workflows(name, args);
    if (args.hasProtections) {
      this.environments(name, args);
      this.ruleset(name, args);
    }
    this.registerOutputs({});
  }

  private provider(name: string, { owner, baseUrl, writeDelayMs }: PipelineArgs): github.Provider {
    return new github.Provider(
      `${name}-github`,
      { owner, writeDelayMs, ...(baseUrl && { baseUrl }) },
      { parent: this, transformations: [withoutToken] },
    );
  }

  private environments(name: string, { repository, branch, reviewers }: PipelineArgs): void {
    for (const environment of environments) {
      const isReviewed = environment === "production" && reviewers.length > 0;
      const resource = new github.RepositoryEnvironment(
        `${name}-${environment}`,
        {
          repository,
          environment,
          // GitHub fills in a missing value, which would then show as drift.
          canAdminsBypass: true,
          deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
          ...(isReviewed && { reviewers: [{ users: reviewers }] }),
        },
        this.options,
      );
      new github.RepositoryEnvironmentDeploymentPolicy(
        `${name}-${environment}-branch`,
        { repository, environment: resource.environment, branchPattern: branch },
        this.options,
      );
    }
  }

  private workflows(name: string, args: PipelineArgs): void {
    if (args.workflowsBy === "commit") this.commits(name, args);
    else if (args.proposal) this.pullRequest(name, args, args.proposal);
  }

  private commits(name: string, { repository, branch, app, files, overwriteWorkflows }: PipelineArgs): void {
    for (const [file, content] of Object.entries(files)) {
      const base = file.replace(/^.*\//, "");
      new github.RepositoryFile(
        `${name}-${base.replace(/\.yml$/, "").toLowerCase()}`,
        {
          repository,
          branch,
          file,
          content,
          // A commit of this program starts no deployment.
          commitMessage: `${base} of ${app.name}-infra [skip ci]`,
          commitAuthor: `${app.name}-infra`,
          commitEmail: `infra@${app.domain}`,
          overwriteOnCreate: overwriteWorkflows,
        },
        this.options,
      );
    }
  }

  /**
   * The hook makes the branch and its files. They are no resources, because GitHub may delete them with the merge, and a
   * refresh would then ask for them again. The pull request stays when it is merged or closed. People may edit its text.
   */
  private pullRequest(name: string, args: PipelineArgs, { id }: Proposal): void {
    const { app, repository, branch, owner, baseUrl, files } = args;
    const author = { name: `${app.name}-infra`, email: `infra@${app.domain}` };
    const change = { repository: `${owner}/${repository}`, base: branch, files, author, baseUrl };
    new github.RepositoryPullRequest(
      `${name}-workflows`,
      {
        baseRepository: repository,
        baseRef: branch,
        headRef: proposalBranch,
        // The title becomes the message of the merge, so the merge deploys nothing. The commits do not say `[skip ci]`:
        // the checks that the merge waits for would never run.
        title: `Workflows of ${app.name}-infra [skip ci]`,
        body: `The workflows of ${app.name}-infra. Merge this pull request to take them. Change them there, not here.`,
      },
      {
        ...this.options,
        replacementTrigger: id,
        ignoreChanges: ["title", "body"],
        hooks: { beforeCreate: [proposalHook(app.name, change)] },
      },
    );
  }

  private ruleset(name: string, args: PipelineArgs): void {
    const { repository, branch, workflowsBy, owner, baseUrl, app } = args;
    // An administrator's token, such as this program's, commits the workflow files.
    const admins = { actorId: adminRoleId, actorType: "RepositoryRole", bypassMode: "always" };
    const target = { repository: `${owner}/${repository}`, name: rulesetName, baseUrl };
    new github.RepositoryRuleset(
      `${name}-checks`,
      {
        repository,
        name: rulesetName,
        target: "branch",
        enforcement: "active",
        conditions: { refName: { includes: [`refs/heads/${branch}`], excludes: [] } },
        bypassActors: workflowsBy === "commit" ? [admins] : [],
        rules: rulesFor(args),
      },
      { ...this.options, hooks: { beforeCreate: [rulesetHook(app.name, target)] } },
    );
  }
}

/** The branch takes only what passed the checks and, below `.github/`, what a code owner approved. */
const rulesFor = ({ codeOwners, ...checks }: PipelineArgs): github.types.input.RepositoryRulesetRules => ({
  deletion: true,
  nonFastForward: true,
  requiredStatusChecks: {
    requiredChecks: requiredChecks(checks).map((context) => ({ context, integrationId: actionsAppId })),
    strictRequiredStatusChecksPolicy: true,
  },
  ...(codeOwners.length > 0 && {
    pullRequest: {
      // The code owners review what is below .github/; anything else needs no approval.
      requiredApprovingReviewCount: 0,
      requireCodeOwnerReview: true,
      // A commit after the approval needs another one.
      dismissStaleReviewsOnPush: true,
    },
  }),
});
