import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { proposalSchema } from "./github/workflow-proposal";
import { userError } from "./user-error";

const outputsSchema = z.object({
  imageTag: z.string().optional(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
  workflowProposal: proposalSchema.optional(),
});

/** The stack's outputs as its last update left them. */
export type LastOutputs = z.output<typeof outputsSchema>;

/** Reads this stack's own last outputs: what is deployed, whoever deployed it. */
export async function lastOutputs(): Promise<LastOutputs> {
  const self = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`);
  const outputOf = async (name: string): Promise<unknown> => {
    const details = await self.getOutputDetails(name);
    return details.value ?? undefined;
  };
  const names = Object.keys(outputsSchema.shape);
  const values = await Promise.all(names.map(async (name) => [name, await outputOf(name)] as const));
  return outputsSchema.parse(Object.fromEntries(values));
}

/**
 * The tag to deploy: the one that was asked for, else the one that is deployed.
 * @throws pulumi.RunError at a first deployment without a tag.
 */
export function chooseImageTag(asked: string | undefined, last: LastOutputs): string {
  const tag = asked ?? last.imageTag;
  if (tag) return tag;
  throw userError(
    "no image tag: nothing is deployed yet, so say what to deploy: pulumi up -c imageTag=<commit sha of a pushed image>",
  );
}

/** The digest an earlier deployment recorded for the tag. */
export const knownDigest = (tag: string, last: LastOutputs): string | undefined =>
  last.releases.find((release) => release.tag === tag)?.digest;
