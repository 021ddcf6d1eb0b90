/** Variables from which the GitHub provider takes the owner of the repositories, past its own input `owner`. */
const ownerVariables = ["GITHUB_OWNER", "GITHUB_ORGANIZATION"] as const;

/**
 * Refuses an environment that would lead the GitHub provider to the repositories of another owner.
 * @throws Error that names the variable.
 */
export function assertOwner(owner: string, environment: NodeJS.ProcessEnv): void {
  for (const name of ownerVariables) {
    const other = environment[name];
    if (!other || other.toLowerCase() === owner.toLowerCase()) continue;
    throw new Error(
      `${name} is ${other}, but pipeline.owner is ${owner}: the GitHub provider would use ${other}\n  next: unset ${name}`,
    );
  }
}
