import { runJob } from "./job";
import { previewStack } from "./stack-preview";
import { fenced, summarize } from "./summary";

/** Compares the resources with the program. Fails if they differ, and shows the difference in the summary of the job. */
async function main(): Promise<void> {
  const { code, output } = await previewStack({ drift: true });
  summarize(`## ${code === 0 ? "No drift" : "Drift"}\n\n${fenced(output, "diff")}`);
  process.exitCode = code;
}

runJob(main);
