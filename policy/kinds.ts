import type * as b2 from "@pulumi/b2";
import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as github from "@pulumi/github";
import type { PolicyResource } from "@pulumi/policy";
import type { Unwrap } from "@pulumi/pulumi";
import type { CertificateInputs, CertificateState } from "../provider/certificate/inputs";
import type { Connection } from "../provider/connection";
import type { FileSetInputs } from "../provider/file-set/inputs";
import type { RolloutInputs } from "../provider/rollout/inputs";

/** A type of resources, by its token, with the inputs that the engine shows to policies: as the plugin has checked them. */
export interface Kind<Props> {
  readonly type: string;
  /** Never there: ties the type of the inputs to the token. */
  readonly props?: Props;
}

const kind = <Props>(type: string): Kind<Props> => ({ type });

/** Whatever is reached over ssh. */
export interface Connected {
  readonly connection?: Partial<Connection> & Readonly<Record<string, unknown>>;
}

/** The provider's settings; the engine hands over each one that is no text as JSON. */
export interface DockerProviderProps {
  readonly host?: string;
  readonly sshOpts?: string | readonly string[];
  readonly [name: string]: unknown;
}

// Only the types of the SDKs are imported: to load the SDKs themselves would slow down every preview.
export const container = kind<Unwrap<docker.ContainerArgs>>("docker:index/container:Container");
export const remoteImage = kind<Unwrap<docker.RemoteImageArgs>>("docker:index/remoteImage:RemoteImage");
export const dockerProvider = kind<DockerProviderProps>("pulumi:providers:docker");
export const remoteCommand = kind<Unwrap<command.remote.CommandArgs>>("command:remote:Command");
export const fileSet = kind<FileSetInputs>("vps:index:FileSet");
export const certificate = kind<CertificateInputs & Partial<CertificateState>>("vps:index:Certificate");
export const rollout = kind<RolloutInputs>("vps:index:Rollout");
export const bucket = kind<Unwrap<b2.BucketArgs>>("b2:index/bucket:Bucket");
export const applicationKey = kind<Unwrap<b2.ApplicationKeyArgs>>("b2:index/applicationKey:ApplicationKey");
export const repositoryFile = kind<Unwrap<github.RepositoryFileArgs>>("github:index/repositoryFile:RepositoryFile");
export const environment = kind<Unwrap<github.RepositoryEnvironmentArgs>>(
  "github:index/repositoryEnvironment:RepositoryEnvironment",
);
export const deploymentPolicy = kind<Unwrap<github.RepositoryEnvironmentDeploymentPolicyArgs>>(
  "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
);

/** The resources of a type in a stack, with their properties. */
export const resourcesOf = <Props>(
  { resources }: { readonly resources: readonly PolicyResource[] },
  { type }: Kind<Props>,
): { readonly resource: PolicyResource; readonly props: Props }[] =>
  resources
    .filter((resource) => resource.type === type)
    .map((resource) => ({ resource, props: resource.props as Props }));
