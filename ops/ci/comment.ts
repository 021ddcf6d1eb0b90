import { z } from "zod";
import { Github } from "../../github/rest";
import { redacted } from "./summary";

/** By this a later run finds the comment again; it does not show. */
const mark = "<!-- memoryloop-infra: preview -->";

const commentSchema = z.object({ id: z.number(), body: z.string() });

/** One comment on the pull request, the same in every run: made once, then changed. */
async function stick(github: Github, repository: string, pullRequest: string, text: string): Promise<void> {
  const body = `${mark}\n${text}`;
  const path = `/repos/${repository}/issues`;
  const found = await github.list(`${path}/${pullRequest}/comments`, commentSchema);
  const own = found.find((comment) => comment.body.startsWith(mark));
  if (own === undefined) await github.call("POST", `${path}/${pullRequest}/comments`, { body });
  else await github.call("PATCH", `${path}/comments/${own.id}`, { body });
}

async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { COMMENT: text, PULL_REQUEST: pullRequest, GITHUB_REPOSITORY: repository } = environment;
  if (!text || !pullRequest || !repository) throw new Error("set COMMENT, PULL_REQUEST and GITHUB_REPOSITORY");
  const github = new Github({ apiUrl: environment["GITHUB_API_URL"], token: environment["GITHUB_TOKEN"] });
  await stick(github, repository, pullRequest, redacted(text, environment));
}

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
