/** `npm run scan:state -- [--stack <name>]`: scans the stack's exported state and ends with 1 when something is wrong. */
import { execFileSync } from "node:child_process";
import { withoutEmpty } from "../ci/pulumi";
import { exportedStateSchema, scanState, type ExportedState } from "./scan";

function exported(words: readonly string[]): ExportedState {
  const text = execFileSync("pulumi", ["stack", "export", "--non-interactive", ...words], {
    encoding: "utf8",
    env: withoutEmpty(process.env),
    timeout: 120_000,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return exportedStateSchema.parse(JSON.parse(text));
}

try {
  const state = exported(process.argv.slice(2));
  const findings = scanState(state);
  for (const { urn, problem, remedy } of findings) console.error(`${urn}\n  ${problem}\n  do: ${remedy}`);
  console.log(`${state.deployment.resources.length} resources scanned, ${findings.length} problem(s)`);
  process.exitCode = findings.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`the state could not be scanned: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
