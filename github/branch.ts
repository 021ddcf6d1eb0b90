import { z } from "zod";
import type { Github } from "./rest";

/** Texts by their paths in the repository. */
export type Files = Readonly<Record<string, string>>;

/** A branch of a repository, `<owner>/<name>`. */
export interface Branch {
  readonly repository: string;
  readonly name: string;
}

/** Who a commit is by. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

const refSchema = z.object({ object: z.object({ sha: z.string() }) });
const contentSchema = z.object({ content: z.string(), sha: z.string() });

async function fileOf(github: Github, { repository, name }: Branch, path: string) {
  const found = await github.find(`/repos/${repository}/contents/${path}?ref=${encodeURIComponent(name)}`);
  if (found === undefined) return undefined;
  const { content, sha } = contentSchema.parse(found);
  return { text: Buffer.from(content, "base64").toString(), sha };
}

/**
 * Those of the files that the branch has, as they are there.
 * @throws Error where the branch cannot be seen: then it is not known what it has.
 */
export async function filesOn(github: Github, branch: Branch, paths: readonly string[]): Promise<Files> {
  await github.call("GET", `/repos/${branch.repository}/branches/${branch.name}`);
  const found = await Promise.all(paths.map(async (path) => [path, await fileOf(github, branch, path)] as const));
  return Object.fromEntries(found.flatMap(([path, file]) => (file === undefined ? [] : [[path, file.text]])));
}

/** With the branch GitHub closes the pull requests that are open for it. */
async function start(github: Github, { repository, name }: Branch, sha: string): Promise<void> {
  const path = `/repos/${repository}/git`;
  const before = await github.find(`${path}/ref/heads/${name}`);
  if (before !== undefined) await github.call("DELETE", `${path}/refs/heads/${name}`);
  await github.call("POST", `${path}/refs`, { ref: `refs/heads/${name}`, sha });
}

/**
 * Makes the branch anew from another one's last commit, with the files that differ there, each in a commit of its own.
 * Its former content is lost, and its open pull requests are closed: it belongs to the caller. Safe to repeat.
 */
export async function remakeBranch(
  github: Github,
  branch: Branch,
  from: string,
  files: Files,
  author: Author,
): Promise<void> {
  const { repository, name } = branch;
  const source = { repository, name: from };
  const { object } = refSchema.parse(await github.call("GET", `/repos/${repository}/git/ref/heads/${from}`));
  await start(github, branch, object.sha);
  for (const [path, text] of Object.entries(files)) {
    const before = await fileOf(github, source, path);
    if (before?.text === text) continue;
    await github.call("PUT", `/repos/${repository}/contents/${path}`, {
      message: `${path} of ${author.name}`,
      content: Buffer.from(text).toString("base64"),
      branch: name,
      author,
      committer: author,
      ...(before && { sha: before.sha }),
    });
  }
}
