import { createHash } from "node:crypto";
import type { Body } from "../http-core/exchange";
import { Refusal } from "../http-core/refusal";
import { authorize } from "./access";
import { firstCommit, type Account, type Identity } from "./account";
import { ok, textOf, word, type Answer, type Call, type Route } from "./call";
import { notFound } from "./refusal";
import { enforceRulesets } from "./ruleset";

/** The hash by which Git names the content of a file. */
function blobSha(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** The files of a branch. @throws Refusal for an unknown branch. */
export function filesOf(account: Account, branch: string): Record<string, string> {
  const files = account.branches[branch];
  if (files === undefined) throw notFound();
  return files;
}

function contentBody({ account, address }: Call, path: string, branch: string, content: string): Body {
  const { owner, repository } = account;
  return {
    url: `${address}/repos/${owner}/${repository}/contents/${path}?ref=${branch}`,
    html_url: `${address.replace("/api/v3", "")}/${owner}/${repository}/blob/${branch}/${path}`,
    type: "file",
    encoding: "base64",
    size: Buffer.from(content, "base64").length,
    name: path.split("/").at(-1),
    path,
    content,
    sha: blobSha(content),
  };
}

/** Adds a commit to a branch. @returns its hash. */
export function commit({ account, body, token }: Call, branch: string, message: string): string {
  const tokenOwner: Identity = { name: token.login, email: `${token.login}@users.noreply.github.com` };
  const author = (body["author"] as Identity | undefined) ?? tokenOwner;
  const committer = (body["committer"] as Identity | undefined) ?? author;
  const sha = createHash("sha1").update(`${account.commits.length}${message}`).digest("hex");
  account.commits.push({ sha, message, author, committer });
  account.heads[branch] = sha;
  return sha;
}

/** Checks that a write is allowed: scope, branch rules, and the hash of the present content. @returns the files of the branch. */
function checkWrite(call: Call, path: string, branch: string): Record<string, string> {
  if (path.startsWith(".github/workflows/")) authorize(call.token, "workflows");
  const files = filesOf(call.account, branch);
  enforceRulesets(call.account, branch, call.token);
  const current = files[path];
  const { sha } = call.body;
  if (current !== undefined && sha === undefined) throw new Refusal(422, `Invalid request.\n\n"sha" wasn't supplied.`);
  if (current !== undefined && sha !== blobSha(current))
    throw new Refusal(409, `${path} does not match ${String(sha)}`);
  return files;
}

function put(call: Call): Answer {
  const path = word(call, 0);
  const branch = textOf(call, "branch", "main");
  const files = checkWrite(call, path, branch);
  const existed = files[path] !== undefined;
  const content = textOf(call, "content");
  files[path] = content;
  const message = textOf(call, "message");
  const sha = commit(call, branch, message);
  return {
    status: existed ? 200 : 201,
    body: { content: contentBody(call, path, branch, content), commit: { sha, message } },
  };
}

const path = /^\/repo\/contents\/(.+)$/;

/** Routes for the files of a branch. Each write makes one commit. */
export const contentRoutes: readonly Route[] = [
  {
    method: "GET",
    // The name of a branch can contain slashes.
    pattern: /^\/repo\/branches\/(.+)$/,
    answer(call) {
      const name = word(call, 0);
      filesOf(call.account, name);
      return ok({ name, commit: { sha: call.account.heads[name] ?? firstCommit } });
    },
  },
  {
    method: "GET",
    pattern: path,
    answer(call) {
      const branch = call.query.get("ref") ?? "main";
      const content = filesOf(call.account, branch)[word(call, 0)];
      if (content === undefined) throw notFound();
      return ok(contentBody(call, word(call, 0), branch, content));
    },
  },
  { method: "PUT", pattern: path, scope: "contents", answer: put },
  {
    method: "DELETE",
    pattern: path,
    scope: "contents",
    answer(call) {
      const branch = textOf(call, "branch", "main");
      const files = checkWrite(call, word(call, 0), branch);
      if (files[word(call, 0)] === undefined) throw notFound();
      Reflect.deleteProperty(files, word(call, 0));
      return ok({ commit: { sha: commit(call, branch, textOf(call, "message")) } });
    },
  },
  {
    method: "GET",
    pattern: /^\/repo\/commits\/([0-9a-f]{40})$/,
    answer(call) {
      const found = call.account.commits.find(({ sha }) => sha === word(call, 0));
      if (found === undefined) throw notFound();
      const { sha, ...made } = found;
      const { owner } = call.account;
      return ok({ sha, commit: made, author: { login: owner }, committer: { login: owner }, files: [] });
    },
  },
];
