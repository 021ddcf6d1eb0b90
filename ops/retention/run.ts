import { z } from "zod";
import { GithubRefusal, type Github } from "../../github/rest";
import { deletions, partsOf, planRetention, type Children, type InUse, type RetentionPlan, type Version } from "./plan";
import { readManifests, type Repository } from "./registry";

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

/** A plan with what its execution needs. */
interface PreparedRetention extends RetentionPlan {
  /** Path of the package's versions in GitHub's API. */
  readonly path: string;
  readonly children: Children;
}

/** Reads everything and changes nothing. @throws Error when the list, or more than a few manifests, cannot be read. */
export async function prepareRetention(retention: Retention): Promise<PreparedRetention> {
  const path = await versionsPath(retention);
  const versions = await listVersions(retention, path);
  const { children, unreadable } = await readManifests(
    retention.repository,
    versions.map(({ digest }) => digest),
  );
  return { ...planRetention(versions, retention.inUse, children, unreadable), path, children };
}

/** The result of the deletions. */
export interface Deleted {
  readonly deleted: number;
  /** The versions that GitHub did not delete, each with the cause. */
  readonly refused: readonly { readonly version: Version; readonly cause: string }[];
}

async function remove(github: Github, path: string): Promise<string | undefined> {
  try {
    await github.call("DELETE", path);
    return undefined;
  } catch (error) {
    if (!(error instanceof GithubRefusal)) throw error;
    // Another run has deleted it.
    return error.status === 404 ? undefined : error.message;
  }
}

/**
 * Deletes the versions that the plan does not keep. A version that GitHub does not delete stays with all its parts, and
 * the others are deleted.
 */
export async function carryOut(github: Github, plan: PreparedRetention): Promise<Deleted> {
  const refused: { version: Version; cause: string }[] = [];
  const staying = new Set<string>();
  let deleted = 0;
  for (const version of deletions(plan)) {
    if (staying.has(version.digest)) continue;
    const cause = await remove(github, `${plan.path}/${version.id}`);
    if (cause === undefined) deleted += 1;
    else {
      refused.push({ version, cause });
      for (const digest of partsOf(version.digest, plan.children)) staying.add(digest);
    }
  }
  return { deleted, refused };
}
