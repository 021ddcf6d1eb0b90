import * as pulumi from "@pulumi/pulumi";
import { Github, apiUrlOf } from "../../github/rest";
import { removeRuleset } from "../../github/protections";

/** A ruleset of a repository, by its name. */
interface NamedRuleset {
  /** `<owner>/<name>` */
  readonly repository: string;
  readonly name: string;
  readonly baseUrl?: string | undefined;
}

/** Runs before the ruleset is created, not in previews. Removes an older ruleset of the same name, because GitHub refuses a second one. */
export const rulesetHook = (app: string, { repository, name, baseUrl }: NamedRuleset): pulumi.ResourceHook =>
  new pulumi.ResourceHook(`${app}-ruleset`, async () => {
    const github = new Github({ apiUrl: apiUrlOf(baseUrl), token: process.env["GITHUB_TOKEN"] });
    if (await removeRuleset(github, repository, name))
      void pulumi.log.warn(`${repository} had a ruleset named ${name} already: this program's ruleset replaces it`);
  });
