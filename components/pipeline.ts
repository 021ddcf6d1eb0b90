import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { readRepositoryFile } from "../repository";

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
}

/**
 * Where jobs run, each with secrets of its own: `build` makes the image, `production` deploys it (GitHub's Deployments of
 * this name say what was deployed), `retention` cleans the registry up, which is no deployment.
 */
const environments = ["build", "production", "retention"] as const;

const workflows = ["ci.yml", "deploy.yml", "retention.yml"] as const;

/** The jobs of ci.yml that a pull request must have passed. */
const requiredChecks = ["lint", "typecheck", "test"] as const;

/** GitHub's own numbers: checks count only from Actions, and a repository's admin is role 5. */
const ACTIONS_APP_ID = 15368;
const ADMIN_ROLE_ID = 5;

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
    const files = this.workflows(name, args);
    this.ruleset(name, args, files);
    this.registerOutputs({});
  }

  private provider(name: string, { owner, baseUrl, writeDelayMs }: PipelineArgs): github.Provider {
    return new github.Provider(
      `${name}-github`,
      { owner, writeDelayMs, ...(baseUrl && { baseUrl }) },
      { parent: this },
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

  private workflows(name: string, { repository, branch, app, overwriteWorkflows }: PipelineArgs) {
    return workflows.map(
      (file) =>
        new github.RepositoryFile(
          `${name}-${file.replace(".yml", "")}`,
          {
            repository,
            branch,
            file: `.github/workflows/${file}`,
            content: readRepositoryFile("workflows", file),
            // No push of this program starts a deployment.
            commitMessage: `${file} of ${app.name}-infra [skip ci]`,
            commitAuthor: `${app.name}-infra`,
            commitEmail: `infra@${app.domain}`,
            overwriteOnCreate: overwriteWorkflows,
          },
          this.options,
        ),
    );
  }

  private ruleset(name: string, { repository }: PipelineArgs, files: readonly github.RepositoryFile[]): void {
    new github.RepositoryRuleset(
      `${name}-checks`,
      {
        repository,
        name: "checks",
        target: "branch",
        enforcement: "active",
        conditions: { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } },
        // An admin's token, such as this program's, may commit the workflow files.
        bypassActors: [{ actorId: ADMIN_ROLE_ID, actorType: "RepositoryRole", bypassMode: "always" }],
        rules: {
          deletion: true,
          nonFastForward: true,
          requiredStatusChecks: {
            requiredChecks: requiredChecks.map((context) => ({ context, integrationId: ACTIONS_APP_ID })),
            strictRequiredStatusChecksPolicy: true,
          },
        },
      },
      { ...this.options, dependsOn: [...files] },
    );
  }
}

/** The pipeline's arguments out of the stack's configuration. */
export function pipelineArgs(config: StackConfig, pipeline: PipelineConfig): PipelineArgs {
  const { app, image, secrets, sentryAuthToken } = config;
  return {
    ...pipeline,
    app,
    image,
    stack: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
    sentryDsn: secrets.NEXT_PUBLIC_SENTRY_DSN ?? "",
    sentryAuthToken,
  };
}
