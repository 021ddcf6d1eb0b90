import type { Account, Token } from "./account";
import { Refusal } from "./refusal";

/** GitHub's number for the role "admin" of a repository. */
const adminRole = 5;

interface Settings {
  readonly enforcement?: string;
  readonly conditions?: { readonly ref_name?: { readonly include?: readonly string[] } };
  readonly bypass_actors?: readonly { readonly actor_id: number; readonly actor_type: string }[];
  readonly rules?: readonly Rule[];
}

interface Rule {
  readonly type: string;
  readonly parameters?: { readonly required_status_checks?: readonly { readonly context: string }[] };
}

const isFor = ({ conditions }: Settings, branch: string): boolean =>
  (conditions?.ref_name?.include ?? []).some((pattern) =>
    pattern === "~DEFAULT_BRANCH" ? branch === "main" : pattern === "~ALL" || pattern === `refs/heads/${branch}`,
  );

const mayBypass = ({ bypass_actors: actors = [] }: Settings, token: Token): boolean =>
  token.role === "admin" &&
  actors.some((actor) => actor.actor_type === "RepositoryRole" && actor.actor_id === adminRole);

const checksOf = ({ rules = [] }: Settings): string[] =>
  rules.flatMap(({ parameters }) => (parameters?.required_status_checks ?? []).map(({ context }) => context));

const rulesetsFor = ({ rulesets }: Account, branch: string): Settings[] =>
  rulesets
    .map(({ settings }): Settings => settings)
    .filter((one) => one.enforcement === "active" && isFor(one, branch));

/** The checks that a pull request to the branch must have passed. */
export const requiredChecks = (account: Account, branch: string): string[] =>
  rulesetsFor(account, branch).flatMap(checksOf);

/**
 * A commit that goes to a branch directly has passed no check.
 * @throws Refusal in GitHub's words, where a ruleset requires checks of the branch and does not let this token pass.
 */
export function enforceRulesets(account: Account, branch: string, token: Token): void {
  const checks = rulesetsFor(account, branch).flatMap((one) => (mayBypass(one, token) ? [] : checksOf(one)));
  if (checks.length === 0) return;
  const expected = checks.map((context) => `Required status check "${context}" is expected.`).join(" ");
  throw new Refusal(409, `Repository rule violations found\n\n${expected}\n\n`);
}
