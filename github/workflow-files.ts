import * as pulumi from "@pulumi/pulumi";
import { readRepositoryFile } from "../repository";
import { filesOn, type Files } from "./branch";
import { Github, apiUrlOf } from "./rest";
import { changedPaths, isPending, proposalBranch, propose, type Proposal } from "./workflow-proposal";

const names = ["ci.yml", "deploy.yml", "retention.yml"] as const;

/** The workflows as they shall be in the app's repository, by their paths there. */
export const workflowFiles = (): Files =>
  Object.fromEntries(names.map((name) => [`.github/workflows/${name}`, readRepositoryFile("workflows", name)]));

/** The app's repository, its branch whose every push is deployed, and how the workflows get there. */
interface Place {
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
  readonly baseUrl?: string | undefined;
  readonly workflowsBy: "commit" | "pull-request";
}

/** Those that are there; undefined where nobody may look, as in a pull request's preview, which has no token. */
async function workflowsThere({ owner, repository, branch, baseUrl }: Place): Promise<Files | undefined> {
  const token = process.env["GITHUB_TOKEN"];
  if (!token) return undefined;
  const there = { repository: `${owner}/${repository}`, name: branch };
  return filesOn(new Github({ apiUrl: apiUrlOf(baseUrl), token }), there, Object.keys(workflowFiles()));
}

function warnOfPending(branch: string, there: Files): void {
  const changed = changedPaths(workflowFiles(), there).join(", ");
  void pulumi.log.warn(
    `${branch} has another ${changed} than this program: merge the pull request of ${proposalBranch}, or see why it was closed`,
  );
}

/**
 * The pull request that should exist, given the last one; none where the workflows are committed. One that waits, or that was closed without a merge, is nothing
 * to do for an update: it is a warning.
 */
export async function proposalFor(place: Place, last: Proposal | undefined): Promise<Proposal | undefined> {
  if (place.workflowsBy === "commit") return undefined;
  const there = await workflowsThere(place);
  const proposal = propose(workflowFiles(), there, last);
  if (there && isPending(proposal) && proposal?.id === last?.id) warnOfPending(place.branch, there);
  return proposal;
}
