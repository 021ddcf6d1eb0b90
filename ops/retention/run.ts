import { z } from "zod";
import type { Github } from "../../github/rest";
import { planRetention, type InUse, type RetentionPlan, type Version } from "./plan";
import { readChildren, type Repository } from "./registry";

const version = z.object({
  id: z.number(),
  name: z.string(),
  created_at: z.string(),
  metadata: z.object({ container: z.object({ tags: z.array(z.string()) }) }),
});

const owner = z.object({ type: z.string() });

export interface Retention {
  readonly github: Github;
  readonly repository: Repository;
  readonly inUse: InUse;
}

/** Path of the package's versions. It is different for users and organizations. */
async function versionsPath({ github, repository }: Retention): Promise<string> {
  const [login = "", ...name] = repository.name.split("/");
  const { type } = owner.parse(await github.call("GET", `/users/${login}`));
  const kind = type === "Organization" ? "orgs" : "users";
  return `/${kind}/${login}/packages/container/${encodeURIComponent(name.join("/"))}/versions`;
}

async function listVersions({ github }: Retention, path: string): Promise<Version[]> {
  const found = await github.list(path, version);
  return found.map(({ id, name, created_at: createdAt, metadata }) => ({
    id,
    digest: name,
    createdAt,
    tags: metadata.container.tags,
  }));
}

/** Reads everything and changes nothing. @throws Error when anything could not be read completely. */
export async function prepareRetention(retention: Retention): Promise<RetentionPlan & { readonly path: string }> {
  const path = await versionsPath(retention);
  const versions = await listVersions(retention, path);
  const children = await readChildren(
    retention.repository,
    versions.map(({ digest }) => digest),
  );
  return { ...planRetention(versions, retention.inUse, children), path };
}

/** Deletes the versions that the plan does not keep. Indexes come before their parts, so an interruption leaves no index without parts. */
export async function carryOut(github: Github, plan: Awaited<ReturnType<typeof prepareRetention>>): Promise<number> {
  if (plan.refusal !== undefined) return 0;
  const doomed = plan.verdicts.filter(({ keep }) => !keep).map((verdict) => verdict.version);
  const tagged = doomed.filter(({ tags }) => tags.length > 0);
  const untagged = doomed.filter(({ tags }) => tags.length === 0);
  for (const { id } of [...tagged, ...untagged]) await github.call("DELETE", `${plan.path}/${id}`);
  return doomed.length;
}
