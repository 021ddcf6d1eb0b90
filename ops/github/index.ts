import "../../light-runtime";
import * as pulumi from "@pulumi/pulumi";
import { Pipeline } from "../../components/pipeline";
import { lastProposal } from "../../components/stack-outputs";
import { userError } from "../../components/user-error";
import { hasProtections } from "../../github/protections";
import { Github, apiUrlOf } from "../../github/rest";
import { proposalFor, workflowFiles } from "../../github/workflow-files";
import { assertBuildIsCurrent } from "../../repository";
import { projectName } from "../stack";
import { assertOwner } from "./owner";
import { readGithubSettings, type GithubSettings } from "./settings";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Without a token, as in the preview of a pull request, the plan is assumed to have everything. */
async function protectionsOf({ pipeline }: GithubSettings): Promise<boolean> {
  const token = process.env["GITHUB_TOKEN"];
  if (!token) return true;
  const repository = `${pipeline.owner}/${pipeline.repository}`;
  const found = await hasProtections(new Github({ apiUrl: apiUrlOf(pipeline.baseUrl), token }), repository);
  if (!found)
    void pulumi.log.warn(
      `${repository} is private, and its GitHub plan has no environments and no rulesets: everyone who can write to it can read the secrets of its jobs\n  next: upgrade the plan or make the repository public, then run this again`,
    );
  return found;
}

async function declare(): Promise<Record<string, unknown>> {
  const settings = readGithubSettings(pulumi.getStack(), projectName());
  const { app, host, image, variables, pipeline } = settings;
  assertOwner(pipeline.owner, process.env);
  const stack = `${pulumi.getOrganization()}/${projectName()}/${pulumi.getStack()}`;
  const files = workflowFiles({ app, host, image, variables, stack, ...pipeline });
  const proposal = await proposalFor(pipeline, files, await lastProposal());
  new Pipeline("pipeline", { app, files, proposal, hasProtections: await protectionsOf(settings), ...pipeline });
  return proposal ? { workflowProposal: proposal } : {};
}

/** The GitHub side of the app's stack of the same name. No deployment of the app depends on it. */
async function program(): Promise<Record<string, unknown>> {
  assertBuildIsCurrent(userError);
  try {
    return await declare();
  } catch (error) {
    throw userError(messageOf(error));
  }
}

export = program;
