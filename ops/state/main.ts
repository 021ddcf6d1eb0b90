/** `npm run scan:state -- [--stack <name>]`: scans the exported state of a stack. The exit code is 1 when it finds a problem. */
import { engineOutput } from "../engine";
import { exportedStateSchema, scanState, type ExportedState } from "./scan";

const exportState = async (options: readonly string[]): Promise<ExportedState> =>
  exportedStateSchema.parse(JSON.parse(await engineOutput(["stack", "export", ...options])));

async function main(): Promise<void> {
  const state = await exportState(process.argv.slice(2));
  const problems = scanState(state);
  for (const { urn, problem, fix } of problems) console.error(`${urn}\n  ${problem}\n  Fix: ${fix}`);
  console.log(`${state.deployment.resources.length} resources scanned, ${problems.length} problem(s) found`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(`cannot scan the state: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
