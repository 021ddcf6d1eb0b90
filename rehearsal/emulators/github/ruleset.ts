import type { Account, Token } from "./account";
import { Refusal } from "./refusal";

/** GitHub's number for the role "admin" of a repository. */
const ADMIN_ROLE = 5;

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
  actors.some((actor) => actor.actor_type === "RepositoryRole" && actor.actor_id === ADMIN_ROLE);

/**
 * A commit that goes to a branch directly has passed no check.
 * @throws Refusal in GitHub's words, where a ruleset requires checks of the branch and does not let this token pass.
 */
export function enforceRulesets(account: Account, branch: string, token: Token): void {
  for (const ruleset of account.rulesets) {
    const settings: Settings = ruleset.settings;
    if (settings.enforcement !== "active" || !isFor(settings, branch) || mayBypass(settings, token)) continue;
    const checks = (settings.rules ?? []).flatMap((rule) => rule.parameters?.required_status_checks ?? []);
    if (checks.length === 0) continue;
    const expected = checks.map(({ context }) => `Required status check "${context}" is expected.`).join(" ");
    throw new Refusal(409, `Repository rule violations found\n\n${expected}\n\n`);
  }
}
