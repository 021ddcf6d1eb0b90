import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keepOutputs } from "./keep-outputs";
import { proposalSchema, type Proposal } from "../github/workflow-proposal";

const outputsSchema = z.object({
  imageTag: z.string().optional(),
  user: z.number().optional(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
  githubStack: z.string().optional(),
  backupsBucket: z.string().optional(),
  subnet: z.string().optional(),
  app: z.string().optional(),
  host: z.string().optional(),
  identity: z.string().optional(),
  managers: z.array(z.string()).optional(),
});

/** The stack's outputs after its last update. */
export type StackOutputs = z.output<typeof outputsSchema>;

/** The stack's full name: `<organization>/<project>/<stack>`. */
const stackName = (): string => `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

const readAttempts = 20;
const pauseMs = 100;

/** The engine replaces the file of the state during an update, and a read at that moment can get a part of it. */
const isTornRead = (error: unknown): boolean => String(error).includes("failed to load checkpoint");

/** Asks the engine about this stack's state. @throws Error when the state cannot be read. */
export async function askEngine(token: string, args: Record<string, string>): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pulumi.runtime.invoke(token, args);
    } catch (error) {
      if (attempt === readAttempts || !isTornRead(error)) throw error;
      await sleep(pauseMs);
    }
  }
}

const answerSchema = z.object({ outputs: z.record(z.string(), z.unknown()).default({}) });

/** This stack's own outputs after its last update. */
const ownOutputs = async (): Promise<Record<string, unknown>> =>
  answerSchema.parse(await askEngine("pulumi:pulumi:readStackOutputs", { name: stackName() })).outputs;

/** Reads the last outputs of this stack from its state, also after a deployment from another checkout, and keeps them. */
export async function lastOutputs(): Promise<StackOutputs> {
  const outputs = await ownOutputs();
  keepOutputs(outputs);
  return outputsSchema.parse(outputs);
}

/** The last pull request of the GitHub side, from the stack of the GitHub side. */
export const lastProposal = async (): Promise<Proposal | undefined> =>
  proposalSchema.optional().parse((await ownOutputs())["workflowProposal"]);

/** The URNs of all resources in this stack's state, also after an update that failed. */
export async function urnsInState(): Promise<string[]> {
  const answer = await askEngine("pulumi:pulumi:readStackResourceOutputs", { stackName: stackName() });
  return Object.keys(answerSchema.parse(answer).outputs);
}
