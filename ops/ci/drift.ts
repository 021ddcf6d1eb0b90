import { policed, pulumi } from "./pulumi";
import { fenced, summarize } from "./summary";

/** Compares what is there with what the program says. Fails where they differ, and says in the job's summary how. */
async function main(): Promise<void> {
  const { code, output } = await pulumi(["preview", "--refresh", "--diff", "--expect-no-changes", ...policed]);
  summarize(`## ${code === 0 ? "No drift" : "Drift"}\n\n${fenced(output, "diff")}`);
  process.exitCode = code;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
