import { z } from "zod";
import type { Github } from "./rest";

/** Texts by their paths in the repository. */
export type Files = Readonly<Record<string, string>>;

/** A branch of a repository, `<owner>/<name>`. */
export interface Branch {
  readonly repository: string;
  readonly name: string;
}

/** Author of a commit. */
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
 * The files among these that exist on the branch, with their content on the branch.
 * @throws Error when the branch cannot be read, because its files are then unknown.
 */
export async function filesOn(github: Github, branch: Branch, paths: readonly string[]): Promise<Files> {
  await github.call("GET", `/repos/${branch.repository}/branches/${branch.name}`);
  const found = await Promise.all(paths.map(async (path) => [path, await fileOf(github, branch, path)] as const));
  return Object.fromEntries(found.flatMap(([path, file]) => (file === undefined ? [] : [[path, file.text]])));
}

/** Deletes the branch. GitHub then closes the open pull requests of the branch. */
async function start(github: Github, { repository, name }: Branch, sha: string): Promise<void> {
  const path = `/repos/${repository}/git`;
  const before = await github.find(`${path}/ref/heads/${name}`);
  if (before !== undefined) await github.call("DELETE", `${path}/refs/heads/${name}`);
  await github.call("POST", `${path}/refs`, { ref: `refs/heads/${name}`, sha });
}

/**
 * Creates the branch again from the last commit of another branch, and commits each file that differs there.
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
