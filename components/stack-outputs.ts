import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { proposalSchema } from "../github/workflow-proposal";

const outputsSchema = z.object({
  imageTag: z.string().optional(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
  workflowProposal: proposalSchema.optional(),
});

/** The stack's outputs after its last update. */
export type StackOutputs = z.output<typeof outputsSchema>;

/** Reads this stack's own last outputs, whoever deployed. */
export async function lastOutputs(): Promise<StackOutputs> {
  const self = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`);
  const outputOf = async (name: string): Promise<unknown> => {
    const details = await self.getOutputDetails(name);
    return details.value ?? undefined;
  };
  const names = Object.keys(outputsSchema.shape);
  const values = await Promise.all(names.map(async (name) => [name, await outputOf(name)] as const));
  return outputsSchema.parse(Object.fromEntries(values));
}
