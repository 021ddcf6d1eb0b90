import type { Body } from "../http-core/exchange";
import { Refusal } from "../http-core/refusal";
import { firstCommit, nextId, type Account, type Pull } from "./account";
import { created, now, ok, textOf, word, type Answer, type Call, type Route } from "./call";
import { commit, filesOf } from "./contents";
import { invalid, notFound } from "./refusal";
import { requiredChecks } from "./ruleset";

/** Texts in a commit message for which GitHub runs no workflow. */
const skipsChecks = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/;

function headOf({ heads }: Account, pull: Pull): string {
  if (pull.state === "open") pull.headSha = heads[pull.head] ?? pull.headSha;
  return pull.headSha;
}

function pullBody(account: Account, pull: Pull): Body {
  const { number, title, body, state, merged, user, created_at, updated_at } = pull;
  const fields = { number, title, body, state, merged, created_at, updated_at };
  return {
    ...fields,
    draft: false,
    maintainer_can_modify: false,
    labels: [],
    user: { login: user },
    head: { ref: pull.head, sha: headOf(account, pull) },
    base: { ref: pull.base, sha: account.heads[pull.base] ?? firstCommit },
  };
}

const differs = (account: Account, head: string, base: string): boolean =>
  JSON.stringify(Object.entries(filesOf(account, head)).sort()) !==
  JSON.stringify(Object.entries(filesOf(account, base)).sort());

function open(call: Call): Answer {
  const { account, token } = call;
  const head = textOf(call, "head");
  const base = textOf(call, "base");
  if (account.branches[head] === undefined || account.branches[base] === undefined) throw invalid("Validation Failed");
  if (account.pulls.some((pull) => pull.state === "open" && pull.head === head && pull.base === base)) {
    throw invalid(`Validation Failed: A pull request already exists for ${account.owner}:${head}.`);
  }
  if (!differs(account, head, base)) throw invalid(`Validation Failed: No commits between ${base} and ${head}`);
  const fields = { head, base, title: textOf(call, "title"), body: textOf(call, "body") };
  const times = { created_at: now(), updated_at: now() };
  const headSha = account.heads[head] ?? firstCommit;
  const pull: Pull = {
    ...fields,
    ...times,
    number: nextId(account),
    headSha,
    state: "open",
    merged: false,
    user: token.login,
  };
  account.pulls.push(pull);
  return created(pullBody(account, pull));
}

function pullOf(call: Call): Pull {
  const found = call.account.pulls.find(({ number }) => number === Number(word(call, 0)));
  if (found === undefined) throw notFound();
  return found;
}

function edit(call: Call): Answer {
  const pull = pullOf(call);
  const state = textOf(call, "state", pull.state);
  if (pull.merged && state === "open") throw invalid("Validation Failed: state cannot be changed");
  pull.state = state === "open" ? "open" : "closed";
  pull.title = textOf(call, "title", pull.title);
  pull.body = textOf(call, "body", pull.body);
  pull.base = textOf(call, "base", pull.base);
  pull.updated_at = now();
  return ok(pullBody(call.account, pull));
}

/** A latest commit that skips workflows leaves the required checks pending. @throws Refusal in that case. */
function refusePendingChecks(account: Account, pull: Pull): void {
  const message = account.commits.find(({ sha }) => sha === headOf(account, pull))?.message ?? "";
  const required = requiredChecks(account, pull.base).length;
  if (required === 0 || !skipsChecks.test(message)) return;
  throw new Refusal(
    405,
    `Repository rule violations found\n\n${required} of ${required} required status checks are expected.`,
  );
}

/** The merge of GitHub's button, with the message that GitHub proposes. */
function merge(call: Call): Answer {
  const { account } = call;
  const pull = pullOf(call);
  if (pull.state !== "open") throw new Refusal(405, "Pull Request is not mergeable");
  refusePendingChecks(account, pull);
  account.branches[pull.base] = { ...filesOf(account, pull.base), ...filesOf(account, pull.head) };
  const title = `Merge pull request #${pull.number} from ${account.owner}/${pull.head}`;
  const sha = commit(call, pull.base, `${title}\n\n${pull.title}`);
  headOf(account, pull);
  Object.assign(pull, { state: "closed", merged: true, updated_at: now() });
  return ok({ sha, merged: true });
}

const pullPattern = /^\/repo\/pulls\/(\d+)$/;

/** Routes for pull requests between branches of the repository. */
export const pullRoutes: readonly Route[] = [
  { method: "POST", pattern: /^\/repo\/pulls$/, scope: "pulls", answer: open },
  { method: "GET", pattern: pullPattern, answer: (call) => ok(pullBody(call.account, pullOf(call))) },
  { method: "PATCH", pattern: pullPattern, scope: "pulls", answer: edit },
  { method: "PUT", pattern: /^\/repo\/pulls\/(\d+)\/merge$/, scope: "contents", answer: merge },
];
