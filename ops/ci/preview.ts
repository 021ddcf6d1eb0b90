/** Previews a pull request: its program, dummies for all secrets, and the state without its secrets. Connects to no server. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { requiredVariable, runJob } from "./job";
import { offlineStack } from "./offline-stack";
import { policed, pulumi, stackName } from "./pulumi";
import { fenced, summarize } from "./summary";

async function main(): Promise<void> {
  const scrubbed = requiredVariable("SCRUBBED_STATE", "the file that the workflow preview-state made", process.env);
  const environment = offlineStack(stackName(), scrubbed, process.env);
  // The jobs' own reader of secrets asks the engine, too.
  Object.assign(process.env, environment);
  const { code, output } = await pulumi(["preview", "--diff", ...policed], environment);
  const result = code === 0 ? "would do this" : "cannot be previewed";
  const comment = `### \`${stackName()}\`: this pull request ${result}\n\n${fenced(output, "diff")}`;
  summarize(comment);
  const file = process.env["GITHUB_OUTPUT"];
  const end = randomUUID();
  if (file) appendFileSync(file, `comment<<${end}\n${comment}\n${end}\n`);
  else process.stdout.write(`${comment}\n`);
  process.exitCode = code;
}

runJob(main);
