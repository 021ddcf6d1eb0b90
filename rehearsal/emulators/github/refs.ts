import type { Body } from "../http-core/exchange";
import { firstCommit, type Account } from "./account";
import { created, done, ok, textOf, word, type Answer, type Call, type Route } from "./call";
import { invalid, notFound } from "./refusal";
import { enforceRulesets } from "./ruleset";

const refBody = ({ heads }: Account, branch: string): Body => ({
  ref: `refs/heads/${branch}`,
  object: { type: "commit", sha: heads[branch] ?? firstCommit },
});

/** Makes a branch. The emulator keeps files only for the latest commit of a branch, so the commit must be one of these. */
function create(call: Call): Answer {
  const { account, token } = call;
  const branch = textOf(call, "ref").replace("refs/heads/", "");
  if (account.branches[branch] !== undefined) throw invalid("Reference already exists");
  const sha = textOf(call, "sha");
  const source = Object.keys(account.branches).find((name) => (account.heads[name] ?? firstCommit) === sha);
  if (source === undefined) throw invalid("Object does not exist");
  enforceRulesets(account, branch, token);
  account.branches[branch] = { ...account.branches[source] };
  account.heads[branch] = sha;
  return created(refBody(account, branch));
}

/** Deletes a branch. Its open pull requests become closed. */
function remove(call: Call): Answer {
  const { account } = call;
  const branch = word(call, 0);
  if (account.branches[branch] === undefined) throw invalid("Reference does not exist");
  Reflect.deleteProperty(account.branches, branch);
  Reflect.deleteProperty(account.heads, branch);
  for (const pull of account.pulls) if (pull.head === branch) pull.state = "closed";
  return done;
}

/** Routes for branches, as Git references. */
export const refRoutes: readonly Route[] = [
  { method: "POST", pattern: /^\/repo\/git\/refs$/, scope: "contents", answer: create },
  {
    method: "GET",
    pattern: /^\/repo\/git\/ref\/heads\/(.+)$/,
    answer(call) {
      const branch = word(call, 0);
      if (call.account.branches[branch] === undefined) throw notFound();
      return ok(refBody(call.account, branch));
    },
  },
  { method: "DELETE", pattern: /^\/repo\/git\/refs\/heads\/(.+)$/, scope: "contents", answer: remove },
];
