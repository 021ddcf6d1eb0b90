import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { userError } from "./user-error";

const outputsSchema = z.object({
  imageTag: z.string().optional(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
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
  const [imageTag, releases] = await Promise.all([outputOf("imageTag"), outputOf("releases")]);
  return outputsSchema.parse({ imageTag, releases });
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
