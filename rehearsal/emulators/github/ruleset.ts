import { Refusal } from "../http-core/refusal";
import type { Account, Token } from "./account";

/** GitHub's number of the repository role "admin". */
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

/** The checks that a pull request must pass before it is merged into the branch. */
export const requiredChecks = (account: Account, branch: string): string[] =>
  rulesetsFor(account, branch).flatMap(checksOf);

/**
 * Refuses a direct commit to a branch with required checks: such a commit has passed none.
 * @throws Refusal in GitHub's words, unless a ruleset exempts the role of this token.
 */
export function enforceRulesets(account: Account, branch: string, token: Token): void {
  const checks = rulesetsFor(account, branch).flatMap((one) => (mayBypass(one, token) ? [] : checksOf(one)));
  if (checks.length === 0) return;
  const expected = checks.map((context) => `Required status check "${context}" is expected.`).join(" ");
  throw new Refusal(409, `Repository rule violations found\n\n${expected}\n\n`);
}
