import { requiredVariable, runJob, stackName } from "./job";
import { failureLead } from "../plain-change";
import { fenced, quoted, summarize } from "./summary";
import { up } from "./up";

/** Deploys IMAGE_TAG to PULUMI_STACK, and writes the result into the summary of the job. */
async function main(): Promise<void> {
  const tag = requiredVariable("IMAGE_TAG", "the tag of a pushed image, such as the hash of a commit");
  const started = Date.now();
  const { code, output } = await up(stackName(), tag);
  const seconds = Math.round((Date.now() - started) / 1000);
  const title = code === 0 ? `Deployed \`${tag}\` in ${seconds} s` : `Deploying \`${tag}\` failed after ${seconds} s`;
  const lead = code === 0 ? "" : failureLead(output);
  summarize(`## ${title}\n\n${quoted(lead)}${fenced(output, "text")}`);
  process.exitCode = code;
}

runJob(main);
