import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { policed, pulumi, stackName } from "./pulumi";
import { fenced, redacted, summarize } from "./summary";

/** What the pull request would do: no host is dialled, nothing is refreshed, the policies hold. */
async function main(): Promise<void> {
  const environment = { ...process.env };
  delete environment["SSH_AUTH_SOCK"];
  const { code, output } = await pulumi(["preview", "--diff", ...policed], environment);
  const result = code === 0 ? "would do this" : "cannot be previewed";
  const comment = redacted(`### \`${stackName()}\`: this pull request ${result}\n\n${fenced(output, "diff")}`);
  summarize(comment);
  const file = process.env["GITHUB_OUTPUT"];
  const end = randomUUID();
  if (file) appendFileSync(file, `comment<<${end}\n${comment}\n${end}\n`);
  else process.stdout.write(`${comment}\n`);
  process.exitCode = code;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
