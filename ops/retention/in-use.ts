import { z } from "zod";
import type { Github } from "../../github/rest";
import { openStack } from "../engine";
import type { InUse } from "./plan";

const outputsSchema = z.object({
  imageTag: z.string().min(1),
  previousImageTag: z.string().nullish(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
});

const deploymentSchema = z.object({ id: z.number(), sha: z.string() });
const statusSchema = z.object({ state: z.string() });

/**
 * The images that the outputs of the stack name: the deployed one and the rollback target.
 * @throws Error when the outputs do not name the deployed image.
 */
export function inUseByOutputs(found: Readonly<Record<string, unknown>>): InUse {
  const parsed = outputsSchema.safeParse(found);
  if (!parsed.success) throw new Error("the outputs of the stack do not name the deployed image");
  const { imageTag, previousImageTag, releases } = parsed.data;
  const named = [
    { reference: imageTag, reason: "deployed, by the outputs of the stack" },
    ...(previousImageTag
      ? [{ reference: previousImageTag, reason: "rollback target, by the outputs of the stack" }]
      : []),
  ];
  // A tag can be moved to another image; a rollback uses the digest.
  const digests = named.flatMap(({ reference, reason }) =>
    releases.filter(({ tag }) => tag === reference).map(({ digest }) => ({ reference: digest, reason })),
  );
  return [...named, ...digests];
}

/** The images that are in use, by the outputs of the stack. */
export async function inUseByStack(stackName: string): Promise<InUse> {
  const stack = await openStack({ stack: stackName });
  const outputs = await stack.outputs();
  return inUseByOutputs(
    Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown])),
  );
}

/** The images of the last two deployments to `production` that succeeded, by the records of GitHub. */
export async function inUseByDeployments(github: Github, repository: string): Promise<InUse> {
  const path = `/repos/${repository}/deployments`;
  const found: { reference: string; reason: string }[] = [];
  for (const { id, sha } of await github.list(`${path}?environment=production`, deploymentSchema)) {
    const states = await github.list(`${path}/${id}/statuses`, statusSchema);
    if (!states.some(({ state }) => state === "success") || found.some(({ reference }) => reference === sha)) continue;
    const reason = found.length === 0 ? "the last deployment, by GitHub" : "the deployment before the last, by GitHub";
    found.push({ reference: sha, reason });
    if (found.length === 2) return found;
  }
  return found;
}
