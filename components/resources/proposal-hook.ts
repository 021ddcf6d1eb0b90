import * as pulumi from "@pulumi/pulumi";
import { remakeBranch, type Author, type Files } from "../../github/branch";
import { Github, apiUrlOf } from "../../github/rest";
import { proposalBranch } from "../../github/workflow-proposal";

/** Files that a pull request brings to a branch. */
export interface ProposedChange {
  /** `<owner>/<name>` */
  readonly repository: string;
  readonly base: string;
  readonly files: Files;
  readonly author: Author;
  readonly baseUrl?: string | undefined;
}

/** Runs before the pull request is created, not in previews. Creates the branch of the pull request from the present base. */
export const proposalHook = (app: string, change: ProposedChange): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-workflow-proposal`, async () => {
    const { repository, base, files, author, baseUrl } = change;
    const github = new Github({ apiUrl: apiUrlOf(baseUrl), token: process.env["GITHUB_TOKEN"] });
    await remakeBranch(github, { repository, name: proposalBranch }, base, files, author);
  });
