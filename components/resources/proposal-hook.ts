import * as pulumi from "@pulumi/pulumi";
import { remakeBranch, type Author, type Files } from "../../github/branch";
import { Github, apiUrlOf } from "../../github/rest";
import { proposalBranch } from "../../github/workflow-proposal";

/** Files that are proposed for a branch. */
export interface ProposedChange {
  /** `<owner>/<name>` */
  readonly repository: string;
  readonly base: string;
  readonly files: Files;
  readonly author: Author;
  readonly baseUrl?: string | undefined;
}

/** Runs before the pull request is made, not in previews: makes the branch that it is for, from the base as it is now. */
export const proposalHook = (app: string, change: ProposedChange): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-workflow-proposal`, async () => {
    const { repository, base, files, author, baseUrl } = change;
    const github = new Github({ apiUrl: apiUrlOf(baseUrl), token: process.env["GITHUB_TOKEN"] });
    await remakeBranch(github, { repository, name: proposalBranch }, base, files, author);
  });
