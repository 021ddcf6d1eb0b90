/** `npm run scan:state -- [--stack <name>]`: scans the exported state of a stack. The exit code is 1 when it finds a problem. */
import { execFileSync } from "node:child_process";
import { withoutEmpty } from "../ci/pulumi";
import { exportedStateSchema, scanState, type ExportedState } from "./scan";

function exportState(options: readonly string[]): ExportedState {
  const text = execFileSync("pulumi", ["stack", "export", "--non-interactive", ...options], {
    encoding: "utf8",
    env: withoutEmpty(process.env),
    timeout: 120_000,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return exportedStateSchema.parse(JSON.parse(text));
}

try {
  const state = exportState(process.argv.slice(2));
  const problems = scanState(state);
  for (const { urn, problem, fix } of problems) console.error(`${urn}\n  ${problem}\n  Fix: ${fix}`);
  console.log(`${state.deployment.resources.length} resources scanned, ${problems.length} problem(s) found`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`cannot scan the state: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
