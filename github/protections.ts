import { z } from "zod";
import { GithubRefusal, type Github } from "./rest";

const rulesetSchema = z.object({ id: z.number(), name: z.string() });

/**
 * Whether the repository's plan has rulesets and environments. GitHub Free has them for public repositories only.
 * @throws Error when GitHub refuses for another reason.
 */
export async function hasProtections(github: Github, repository: string): Promise<boolean> {
  try {
    await github.list(`/repos/${repository}/rulesets`, rulesetSchema);
    return true;
  } catch (error) {
    if (error instanceof GithubRefusal && error.status === 403 && /upgrade to github/i.test(error.message))
      return false;
    throw error;
  }
}

/** Removes the repository's own ruleset of this name. Returns whether it existed. */
export async function removeRuleset(github: Github, repository: string, name: string): Promise<boolean> {
  const path = `/repos/${repository}/rulesets`;
  const rulesets = await github.list(`${path}?includes_parents=false`, rulesetSchema);
  const found = rulesets.filter((ruleset) => ruleset.name === name);
  for (const { id } of found) await github.call("DELETE", `${path}/${id}`);
  return found.length > 0;
}
