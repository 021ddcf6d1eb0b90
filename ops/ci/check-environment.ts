/** Stops a job when its environment would give its secrets to other branches. Runs before the first step with a secret. */
import { environmentRules, ruleProblem } from "../../github/environment-rules";
import { Github } from "../../github/rest";
import { requiredVariable, runJob } from "./job";

async function main(): Promise<void> {
  const repository = requiredVariable("GITHUB_REPOSITORY", "<owner>/<repository>");
  const environment = requiredVariable("ENVIRONMENT", "the environment of the job");
  const branch = requiredVariable("DEFAULT_BRANCH", "the branch that may use the environment");
  const github = new Github({ apiUrl: process.env["GITHUB_API_URL"], token: process.env["GITHUB_TOKEN"] });
  const problem = ruleProblem(await environmentRules(github, repository, environment), branch);
  if (problem === undefined) return;
  throw new Error(
    `use the environment ${environment} of ${repository}: ${problem}\n  next: ops pipeline init --infra ${repository} --branch ${branch}`,
  );
}

runJob(main);
