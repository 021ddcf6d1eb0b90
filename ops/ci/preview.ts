/** Previews a pull request: its program, dummies for all secrets, and the state without its secrets. Connects to no server. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { requiredVariable, runJob, stackName } from "./job";
import { offlineStack } from "./offline-stack";
import { previewStack } from "./stack-preview";
import { failureLead } from "../plain-change";
import { fenced, quoted, summarize } from "./summary";

/** The engine and its plugins get the environment of this process, so a variable that is not in `wanted` must go. */
function replaceEnvironment(wanted: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in wanted)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, wanted);
}

async function main(): Promise<void> {
  const scrubbed = requiredVariable("SCRUBBED_STATE", "the file that the workflow preview-state made", process.env);
  replaceEnvironment(offlineStack(stackName(), scrubbed, process.env));
  const { code, output, sentence } = await previewStack();
  const result = code === 0 ? "would do this" : "cannot be previewed";
  const lead = code === 0 ? sentence : failureLead(output);
  const comment = `### \`${stackName()}\`: this pull request ${result}\n\n${quoted(lead)}${fenced(output, "diff")}`;
  summarize(comment);
  const file = process.env["GITHUB_OUTPUT"];
  const end = randomUUID();
  if (file) appendFileSync(file, `comment<<${end}\n${comment}\n${end}\n`);
  else process.stdout.write(`${comment}\n`);
  process.exitCode = code;
}

runJob(main);
