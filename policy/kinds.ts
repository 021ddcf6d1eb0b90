import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as github from "@pulumi/github";
import type { PolicyResource } from "@pulumi/policy";
import type { Unwrap } from "@pulumi/pulumi";
import type { z } from "zod";
import type { certificateInputsSchema, CertificateState } from "../host/certificate/inputs";
import type { Connection } from "../host/connection";
import type { entrySchema, fileSetInputsSchema } from "../host/file-set/inputs";
import type { rolloutInputsSchema } from "../host/rollout/inputs";

/** A type of resources: its token, and the type of its inputs as the engine shows them to policies. */
export interface Kind<Props> {
  readonly type: string;
  /** Never set. It ties the type of the inputs to the token. */
  readonly props?: Props;
}

const kind = <Props>(type: string): Kind<Props> => ({ type });

/** A resource that opens an ssh connection. */
export interface Connected {
  readonly connection?: Partial<Connection> & Readonly<Record<string, unknown>>;
}

/** The inputs of a B2 bucket. */
interface Bucket {
  readonly bucketType?: string;
  readonly defaultServerSideEncryption?: { readonly algorithm?: string; readonly mode?: string };
  readonly lifecycleRules?: readonly {
    readonly fileNamePrefix: string;
    readonly daysFromHidingToDeleting?: number;
    readonly daysFromUploadingToHiding?: number;
  }[];
}

/** The inputs of a B2 application key. */
interface ApplicationKey {
  readonly bucketIds?: readonly string[];
  readonly capabilities: readonly string[];
}

/** The settings of the Docker provider. The engine sends each one that is not a text as JSON. */
export interface DockerProviderProps {
  readonly host?: string;
  readonly sshOpts?: string | readonly string[];
  readonly [name: string]: unknown;
}

// Only the types of the SDKs are imported. The SDKs themselves take seconds to load.
export const container = kind<Unwrap<docker.ContainerArgs>>("docker:index/container:Container");
export const remoteImage = kind<Unwrap<docker.RemoteImageArgs>>("docker:index/remoteImage:RemoteImage");
export const network = kind<Unwrap<docker.NetworkArgs>>("docker:index/network:Network");
export const dockerProvider = kind<DockerProviderProps>("pulumi:providers:docker");
export const remoteCommand = kind<Unwrap<command.remote.CommandArgs>>("command:remote:Command");
// The check of our plugin adds defaults only when a preview knows all inputs, so an optional input can be missing.
export type FileSet = z.input<typeof fileSetInputsSchema>;
export type Entry = z.input<typeof entrySchema>;
export type Rollout = z.input<typeof rolloutInputsSchema>;
type Certificate = z.input<typeof certificateInputsSchema>;
export const fileSet = kind<FileSet>("vps:index:FileSet");
export const certificate = kind<Certificate & Partial<Pick<CertificateState, "expiresAt">>>("vps:index:Certificate");
export const rollout = kind<Rollout>("vps:index:Rollout");
export const bucket = kind<Bucket>("b2:index/bucket:Bucket");
export const applicationKey = kind<ApplicationKey>("b2:index/applicationKey:ApplicationKey");
export const repositoryFile = kind<Unwrap<github.RepositoryFileArgs>>("github:index/repositoryFile:RepositoryFile");
export const environment = kind<Unwrap<github.RepositoryEnvironmentArgs>>(
  "github:index/repositoryEnvironment:RepositoryEnvironment",
);
export const deploymentPolicy = kind<Unwrap<github.RepositoryEnvironmentDeploymentPolicyArgs>>(
  "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
);
export const pullRequest = kind<Unwrap<github.RepositoryPullRequestArgs>>(
  "github:index/repositoryPullRequest:RepositoryPullRequest",
);
export const ruleset = kind<Unwrap<github.RepositoryRulesetArgs>>("github:index/repositoryRuleset:RepositoryRuleset");
export const githubProvider = kind<Readonly<Record<string, unknown>>>("pulumi:providers:github");

/** The resources of a type in a stack, with their properties. */
export const resourcesOf = <Props>(
  { resources }: { readonly resources: readonly PolicyResource[] },
  { type }: Kind<Props>,
): { readonly resource: PolicyResource; readonly props: Props }[] =>
  resources
    .filter((resource) => resource.type === type)
    .map((resource) => ({ resource, props: resource.props as Props }));
