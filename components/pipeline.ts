import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "./stack-config";
import { workflowFiles } from "../github/workflow-files";
import { proposalBranch, type Proposal } from "../github/workflow-proposal";
import { proposalHook } from "./resources/proposal-hook";

type PipelineConfig = NonNullable<StackConfig["pipeline"]>;

export interface PipelineArgs extends PipelineConfig {
  readonly app: { readonly name: string; readonly domain: string };
  /** Where the build pushes the image, without a tag. */
  readonly image: { readonly repository: string };
  /** `<organization>/<project>/<stack>`: what the deploy job updates. */
  readonly stack: string;
  /** Inlined by the app's build, and public with its first page: a variable, not a secret. */
  readonly sentryDsn: pulumi.Input<string>;
  /** Uploads source maps; only the build gets it. */
  readonly sentryAuthToken?: pulumi.Input<string> | undefined;
  /** The pull request that should exist, where the workflows go by one and the branch has not had them all along. */
  readonly proposal?: Proposal | undefined;
}

/**
 * Where jobs run, each with secrets of its own: `build` makes the image, `production` deploys it (GitHub's Deployments of
 * this name say what was deployed), `retention` cleans the registry up, which is no deployment.
 */
const environments = ["build", "production", "retention"] as const;

/** The jobs of ci.yml that a pull request must have passed. */
const requiredChecks = ["lint", "typecheck", "test"] as const;

/** GitHub's own numbers: checks count only from Actions, and a repository's admin is role 5. */
const actionsAppId = 15368;
const adminRoleId = 5;

/**
 * The SDK takes GITHUB_TOKEN for an input where none is given: the state would keep it, each other token would show as a
 * change, and a refresh would use the old one. Without the input the plugin reads the variable itself.
 */
const withoutToken: pulumi.ResourceTransformation = ({ props, opts }) => ({
  props: { ...(props as object), token: undefined },
  opts,
});

/**
 * The app's repository on GitHub: the workflows, the environments they run in with what each needs, and a branch that
 * takes only what passed the checks. Its token is GITHUB_TOKEN of the environment and never an input, so it is in no
 * state. A workflow file that is there already is not overwritten: the first `up` fails unless it is told to take over.
 */
export class Pipeline extends pulumi.ComponentResource {
  private readonly options: pulumi.CustomResourceOptions;

  constructor(name: string, args: PipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vps:components:Pipeline", name, {}, opts);
    this.options = { parent: this, provider: this.provider(name, args) };
    this.variables(name, args);
    this.environments(name, args);
    this.workflows(name, args);
    this.ruleset(name, args);
    this.registerOutputs({});
  }

  private provider(name: string, { owner, baseUrl, writeDelayMs }: PipelineArgs): github.Provider {
    return new github.Provider(
      `${name}-github`,
      { owner, writeDelayMs, ...(baseUrl && { baseUrl }) },
      { parent: this, transformations: [withoutToken] },
    );
  }

  private variables(name: string, args: PipelineArgs): void {
    const values: Record<string, pulumi.Input<string>> = {
      IMAGE_REPOSITORY: args.image.repository,
      INFRA_REPOSITORY: args.infra.repository,
      INFRA_REF: args.infra.ref,
      NEXT_PUBLIC_SENTRY_DSN: args.sentryDsn,
      PULUMI_STACK: args.stack,
      SITE_URL: `https://${args.app.domain}`,
      ...(args.stateUrl && { PULUMI_BACKEND_URL: args.stateUrl }),
    };
    for (const [variableName, value] of Object.entries(values)) {
      const slug = variableName.toLowerCase().replaceAll("_", "-");
      new github.ActionsVariable(`${name}-${slug}`, { repository: args.repository, variableName, value }, this.options);
    }
  }

  private environments(name: string, args: PipelineArgs): void {
    const { repository, branch } = args;
    for (const environment of environments) {
      const resource = new github.RepositoryEnvironment(
        `${name}-${environment}`,
        {
          repository,
          environment,
          // Given, because an absent one is taken from GitHub and drifts.
          canAdminsBypass: true,
          deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
        },
        this.options,
      );
      new github.RepositoryEnvironmentDeploymentPolicy(
        `${name}-${environment}-branch`,
        { repository, environment: resource.environment, branchPattern: branch },
        this.options,
      );
      if (environment === "build") this.sentryToken(name, args, resource);
    }
  }

  private sentryToken(name: string, args: PipelineArgs, { environment }: github.RepositoryEnvironment): void {
    const { repository, sentryAuthToken: value } = args;
    if (value === undefined) return;
    new github.ActionsEnvironmentSecret(
      `${name}-sentry-auth-token`,
      { repository, environment, secretName: "SENTRY_AUTH_TOKEN", value },
      this.options,
    );
  }

  private workflows(name: string, args: PipelineArgs): void {
    if (args.workflowsBy === "commit") this.commits(name, args);
    else if (args.proposal) this.pullRequest(name, args, args.proposal);
  }

  private commits(name: string, { repository, branch, app, overwriteWorkflows }: PipelineArgs): void {
    for (const [file, content] of Object.entries(workflowFiles())) {
      const short = file.replace(/^.*\/(.*)\.yml$/, "$1");
      new github.RepositoryFile(
        `${name}-${short}`,
        {
          repository,
          branch,
          file,
          content,
          // No push of this program starts a deployment.
          commitMessage: `${short}.yml of ${app.name}-infra [skip ci]`,
          commitAuthor: `${app.name}-infra`,
          commitEmail: `infra@${app.domain}`,
          overwriteOnCreate: overwriteWorkflows,
        },
        this.options,
      );
    }
  }

  /**
   * Branch and files are made by the hook and are no resources: GitHub may delete them with the merge, and a refresh
   * would ask for them again. The pull request stays when it is merged or closed. People may edit its text.
   */
  private pullRequest(name: string, args: PipelineArgs, { id }: Proposal): void {
    const { app, repository, branch, owner, baseUrl } = args;
    const author = { name: `${app.name}-infra`, email: `infra@${app.domain}` };
    const change = { repository: `${owner}/${repository}`, base: branch, files: workflowFiles(), author, baseUrl };
    new github.RepositoryPullRequest(
      `${name}-workflows`,
      {
        baseRepository: repository,
        baseRef: branch,
        headRef: proposalBranch,
        // Of the title GitHub makes the merge's message: the merge deploys nothing. The commits do not say so, or the
        // checks that the merge waits for would never run.
        title: `Workflows of ${app.name}-infra [skip ci]`,
        body: `The workflows as ${app.name}-infra has them. Merge this to take them; they are changed there, not here.`,
      },
      {
        ...this.options,
        replacementTrigger: id,
        ignoreChanges: ["title", "body"],
        hooks: { beforeCreate: [proposalHook(app.name, change)] },
      },
    );
  }

  private ruleset(name: string, { repository, workflowsBy }: PipelineArgs): void {
    // An admin's token, such as this program's, may commit the workflow files.
    const admins = { actorId: adminRoleId, actorType: "RepositoryRole", bypassMode: "always" };
    new github.RepositoryRuleset(
      `${name}-checks`,
      {
        repository,
        name: "checks",
        target: "branch",
        enforcement: "active",
        conditions: { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } },
        bypassActors: workflowsBy === "commit" ? [admins] : [],
        rules: {
          deletion: true,
          nonFastForward: true,
          requiredStatusChecks: {
            requiredChecks: requiredChecks.map((context) => ({ context, integrationId: actionsAppId })),
            strictRequiredStatusChecksPolicy: true,
          },
        },
      },
      this.options,
    );
  }
}

/** The pipeline's arguments out of the stack's configuration. */
export function pipelineArgs(
  config: StackConfig,
  pipeline: PipelineConfig,
  proposal: Proposal | undefined,
): PipelineArgs {
  const { app, image, secrets, sentryAuthToken } = config;
  return {
    ...pipeline,
    app,
    image,
    stack: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
    sentryDsn: secrets.NEXT_PUBLIC_SENTRY_DSN ?? "",
    sentryAuthToken,
    proposal,
  };
}
