import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { Github } from "../../github/rest";
import type { InUse } from "./plan";

const seconds = 120;

const outputs = z.object({
  imageTag: z.string().min(1),
  previousImageTag: z.string().nullish(),
  releases: z.array(z.object({ tag: z.string(), digest: z.string() })).default([]),
});

const deployment = z.object({ id: z.number(), sha: z.string() });
const status = z.object({ state: z.string() });

/**
 * What the stack's outputs say is in use: what is deployed, and what was before.
 * @throws Error where they do not say what is deployed.
 */
export function inUseByOutputs(text: string): InUse {
  const parsed = outputs.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error("the stack's outputs do not say what is deployed");
  const { imageTag, previousImageTag, releases } = parsed.data;
  const named = [
    { reference: imageTag, reason: "deployed, says the stack" },
    ...(previousImageTag ? [{ reference: previousImageTag, reason: "the rollback target, says the stack" }] : []),
  ];
  // A tag can be moved to another image; a rollback goes by the digest.
  const digests = named.flatMap(({ reference, reason }) =>
    releases.filter(({ tag }) => tag === reference).map(({ digest }) => ({ reference: digest, reason })),
  );
  return [...named, ...digests];
}

/** Reads the stack's outputs with the engine on PATH, as PULUMI_* say where. */
export async function inUseByStack(stack: string, directory: string): Promise<InUse> {
  const words = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
  const { stdout } = await promisify(execFile)("pulumi", words, { cwd: directory, timeout: seconds * 1000 });
  return inUseByOutputs(stdout);
}

/** The last two deployments of `production` that succeeded, by GitHub's own record. */
export async function inUseByDeployments(github: Github, repository: string): Promise<InUse> {
  const path = `/repos/${repository}/deployments`;
  const found: { reference: string; reason: string }[] = [];
  for (const { id, sha } of await github.list(`${path}?environment=production`, deployment)) {
    const states = await github.list(`${path}/${id}/statuses`, status);
    if (!states.some(({ state }) => state === "success") || found.some(({ reference }) => reference === sha)) continue;
    const reason = found.length === 0 ? "the last GitHub deployment" : "the GitHub deployment before the last";
    found.push({ reference: sha, reason });
    if (found.length === 2) return found;
  }
  return found;
}
