import { ensureEngine } from "../../rehearsal/engine/engine";
import { ensureSshd } from "../../rehearsal/test/conformance/support/private-sshd";
import { ensureDocker } from "../../rehearsal/world/docker-engine";

function report(line: string): void {
  console.log(line);
}

/**
 * Installs what several test files need and would install at the same time: only one of them could. Conformance tests and
 * the main path run side by side.
 */
export default async function setup(): Promise<void> {
  await ensureDocker(report);
  await ensureSshd();
  await ensureEngine(report);
}
