import * as pulumi from "@pulumi/pulumi";
import { isForBuild, type Variables } from "../config/variables";
import type { Connection } from "../host/connection";
import { deployUser } from "../host/deploy/login";
import { fillTemplate } from "../host/rootfs";
import { readRepositoryFile } from "../repository";
import { filesOn, type Files } from "./branch";
import { Github, apiUrlOf } from "./rest";
import { changedPaths, isPending, proposalBranch, propose, type Proposal } from "./workflow-proposal";

type DeployBy = "server" | "engine";

/** The template of each workflow, by its name in the app's repository. The app's own checks are not written. */
const templatesFor = (checks: WorkflowValues["checks"], deployBy: DeployBy): Readonly<Record<string, string>> => ({
  ...(checks === "own" ? {} : { "ci.yml": checks === "node" ? "ci.yml" : `ci-${checks}.yml` }),
  "deploy.yml": deployBy === "server" ? "deploy-by-server.yml" : "deploy.yml",
  "retention.yml": "retention.yml",
});

/** The settings of the files that this program commits to the app's repository. */
export interface WorkflowValues {
  readonly app: { readonly name: string; readonly domain: string };
  readonly host: Pick<Connection, "host" | "port" | "hostKey"> & { readonly deployKeys: readonly string[] };
  /** @default "server" if there is a deploy key, else "engine" */
  readonly deployBy?: DeployBy | undefined;
  readonly image: { readonly repository: string; readonly platforms: readonly string[] };
  /** Declarations of the app's variables; the build gets some of them. */
  readonly variables: Variables;
  /** The preset of the checks, or the app's own workflow. */
  readonly checks: "node" | "python" | "own";
  readonly checksWorkflow: string;
  /** The branch whose pushes are deployed. */
  readonly branch: string;
  /** The commit of this program that the jobs run. */
  readonly infra: { readonly repository: string; readonly ref: string };
  /** The stack that the deploy job updates: `<organization>/<project>/<stack>`. */
  readonly stack: string;
  readonly stateUrl?: string | undefined;
  readonly codeOwners: readonly string[];
}

/** The values of the placeholders, which are literals in the app's repository: its variables can be changed by more people. */
const literals = (values: WorkflowValues): Record<string, string> => ({
  branch: values.branch,
  imageRepository: values.image.repository,
  infraRepository: values.infra.repository,
  infraRef: values.infra.ref,
  siteUrl: `https://${values.app.domain}`,
  stack: values.stack,
  stateUrl: values.stateUrl ?? "",
  checksWorkflow: values.checks === "own" ? values.checksWorkflow : "ci.yml",
  platforms: values.image.platforms.join(","),
  buildArguments: assignments(values.variables, false),
  buildSecrets: assignments(values.variables, true),
  deployUser: deployUser(values.app.name),
  sshHost: values.host.host,
  sshPort: String(values.host.port),
  hostKey: values.host.hostKey,
});

/** A line end in a block of deploy.yml. */
const nextLine = `\n${" ".repeat(12)}`;

/** `NAME=value` for each variable that the build gets. A value that the stack file does not have comes from GitHub's secrets. */
const assignments = (variables: Variables, secret: boolean): string =>
  Object.entries(variables)
    .filter(([, variable]) => isForBuild(variable) && variable.secret === secret)
    .map(([name, { default: value }]) => `${name}=${value ?? `\${{ secrets.${name} }}`}`)
    .join(nextLine);

/** The code owners must review each change in `.github/`, including this file. */
const codeOwnersFile = (owners: readonly string[]): string =>
  `# memoryloop-infra wrote this file. A change below .github/ can reach the production secrets.\n/.github/ ${owners.join(" ")}\n`;

/** The files of this program in the app's repository, by path. */
export function workflowFiles(values: WorkflowValues): Files {
  const deployBy = values.deployBy ?? (values.host.deployKeys.length > 0 ? "server" : "engine");
  const workflows = Object.entries(templatesFor(values.checks, deployBy)).map(([name, template]) => [
    `.github/workflows/${name}`,
    fillTemplate(readRepositoryFile("github", "workflows", template), literals(values)),
  ]);
  const owners = values.codeOwners.length === 0 ? {} : { ".github/CODEOWNERS": codeOwnersFile(values.codeOwners) };
  return { ...(Object.fromEntries(workflows) as Files), ...owners };
}

/** The app's repository, its deployed branch, and how the files reach that branch. */
interface Target {
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
  readonly baseUrl?: string | undefined;
  readonly workflowsBy: "commit" | "pull-request";
}

/** The files among these that exist on the branch. Undefined without a token, as in the preview of a pull request. */
async function filesThere({ owner, repository, branch, baseUrl }: Target, files: Files): Promise<Files | undefined> {
  const token = process.env["GITHUB_TOKEN"];
  if (!token) return undefined;
  const there = { repository: `${owner}/${repository}`, name: branch };
  return filesOn(new Github({ apiUrl: apiUrlOf(baseUrl), token }), there, Object.keys(files));
}

function warnOfPending(branch: string, changed: readonly string[]): void {
  void pulumi.log.warn(
    `${branch} does not have ${changed.join(", ")} with this program's content\n  next: merge the pull request of ${proposalBranch}, or, if it is closed, read there why`,
  );
}

/**
 * The pull request that should exist, given the last one. Undefined when the files are committed. A pull request that is
 * open or was closed without a merge needs nothing from an update: it is a warning.
 */
export async function proposalFor(
  target: Target,
  files: Files,
  last: Proposal | undefined,
): Promise<Proposal | undefined> {
  if (target.workflowsBy === "commit") return undefined;
  const there = await filesThere(target, files);
  const proposal = propose(files, there, last);
  if (there && isPending(proposal) && proposal?.id === last?.id)
    warnOfPending(target.branch, changedPaths(files, there));
  return proposal;
}
