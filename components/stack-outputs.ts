import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { proposalSchema, type Proposal } from "../github/workflow-proposal";

const outputsSchema = z.object({
  imageTag: z.string().optional(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
  githubStack: z.string().optional(),
  backupsBucket: z.string().optional(),
});

/** The stack's outputs after its last update. */
export type StackOutputs = z.output<typeof outputsSchema>;

/** The stack's full name: `<organization>/<project>/<stack>`. */
const stackName = (): string => `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/** This stack's own outputs of these names after its last update; a missing one is undefined. */
async function ownOutputs(names: readonly string[]): Promise<Record<string, unknown>> {
  const self = new pulumi.StackReference(stackName());
  const outputOf = async (name: string): Promise<unknown> => (await self.getOutputDetails(name)).value ?? undefined;
  const values = await Promise.all(names.map(async (name) => [name, await outputOf(name)] as const));
  return Object.fromEntries(values);
}

/** Reads this stack's own last outputs, whoever deployed. */
export const lastOutputs = async (): Promise<StackOutputs> =>
  outputsSchema.parse(await ownOutputs(Object.keys(outputsSchema.shape)));

/** The last pull request of the GitHub side, in that side's own stack. */
export const lastProposal = async (): Promise<Proposal | undefined> =>
  proposalSchema.optional().parse((await ownOutputs(["workflowProposal"]))["workflowProposal"]);

const resourcesSchema = z.object({ outputs: z.record(z.string(), z.unknown()) });

/** The URNs of all resources in this stack's state, also after an update that failed. The engine itself answers. */
export async function urnsInState(): Promise<string[]> {
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName: stackName(),
  });
  return Object.keys(resourcesSchema.parse(answer).outputs);
}
