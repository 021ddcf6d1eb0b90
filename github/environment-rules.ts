import { z } from "zod";
import type { Github } from "./rest";

const environmentSchema = z.object({
  deployment_branch_policy: z
    .object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() })
    .nullable(),
});
const policiesSchema = z.object({
  branch_policies: z.array(z.object({ name: z.string(), type: z.string().optional() })),
});

/** The rules for the use of an environment that the jobs depend on. */
export interface EnvironmentRules {
  readonly exists: boolean;
  /** The branches and tags whose jobs get its secrets; undefined when all jobs get them. */
  readonly branches?: readonly string[] | undefined;
}

/** The present rules of an environment on GitHub. */
export async function environmentRules(
  github: Github,
  repository: string,
  environment: string,
): Promise<EnvironmentRules> {
  const path = `/repos/${repository}/environments/${environment}`;
  const found = await github.find(path);
  if (found === undefined) return { exists: false };
  if (!environmentSchema.parse(found).deployment_branch_policy?.custom_branch_policies) return { exists: true };
  const { branch_policies: policies } = policiesSchema.parse(
    await github.call("GET", `${path}/deployment-branch-policies`),
  );
  return { exists: true, branches: policies.map(({ name, type }) => (type === "tag" ? `tag ${name}` : name)) };
}

/** The reason why a job must not use the environment; undefined when only this branch gets its secrets. */
export function ruleProblem({ exists, branches }: EnvironmentRules, branch: string): string | undefined {
  if (!exists) return "it does not exist";
  if (branches === undefined) return "every branch gets its secrets, also the branch of a pull request";
  if (branches.length === 1 && branches[0] === branch) return undefined;
  return `it accepts ${branches.join(", ") || "no branch"}, not only ${branch}`;
}

/** Creates or changes the environment so that only the branch gets its secrets. Safe to repeat. */
export async function restrictEnvironment(
  github: Github,
  repository: string,
  environment: string,
  { branch, reviewers }: { readonly branch: string; readonly reviewers: readonly number[] },
): Promise<void> {
  const path = `/repos/${repository}/environments/${environment}`;
  await github.call("PUT", path, {
    reviewers: reviewers.length === 0 ? null : reviewers.map((id) => ({ type: "User", id })),
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  const policies = z
    .object({ branch_policies: z.array(z.object({ id: z.number(), name: z.string() })) })
    .parse(await github.call("GET", `${path}/deployment-branch-policies`)).branch_policies;
  for (const { id, name } of policies)
    if (name !== branch) await github.call("DELETE", `${path}/deployment-branch-policies/${id}`);
  if (!policies.some(({ name }) => name === branch))
    await github.call("POST", `${path}/deployment-branch-policies`, { name: branch, type: "branch" });
}
