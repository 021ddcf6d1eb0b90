/** `npm run scan:state -- [--stack <name>]`: scans the stack's exported state and ends with 1 when something is wrong. */
import { execFileSync } from "node:child_process";
import { exportedStateSchema, scanState } from "./scan";

const text = execFileSync("pulumi", ["stack", "export", "--non-interactive", ...process.argv.slice(2)], {
  encoding: "utf8",
  timeout: 120_000,
  maxBuffer: 256 * 1024 * 1024,
  stdio: ["ignore", "pipe", "inherit"],
});
const state = exportedStateSchema.parse(JSON.parse(text));
const findings = scanState(state);
for (const { urn, problem, remedy } of findings) console.error(`${urn}\n  ${problem}\n  do: ${remedy}`);
console.log(`${state.deployment.resources.length} resources scanned, ${findings.length} problem(s)`);
process.exitCode = findings.length === 0 ? 0 : 1;
