import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../world/run";
import { sshCommand } from "../world/world";
import { repositoryRoot } from "../../repository";
import type { DeployedWorld } from "../driver/deployed-world";
import { imageOf, nextRelease } from "./next-release";
import { repeated } from "./statistics";

/** The lower limit: `by-hand.sh` over ssh to this address. Milliseconds of each run. */
export async function byHand(system: DeployedWorld, host: string, runs: number): Promise<number[]> {
  const { address, sshPort } = system.world.vps;
  const [ssh = "", ...words] = sshCommand(system.world);
  const way = ["-o", `HostName=${host}`, "-o", `HostKeyAlias=[${address}]:${sshPort}`];
  const script = readFileSync(join(repositoryRoot, "rehearsal", "bench", "by-hand.sh"), "utf8");
  let previous = "";
  const times = await repeated(runs + 1, async () => {
    const tag = await nextRelease(system);
    const commandArguments = [imageOf(system, tag), `hand-${tag}`, previous].join(" ");
    const from = Date.now();
    await run([ssh, ...way, ...words, `bash -s -- ${commandArguments}`], { seconds: 60, input: script });
    previous = `hand-${tag}`;
    return Date.now() - from;
  });
  await system.onVps(`docker rm --force ${previous}`);
  // The first run has no previous release to stop.
  return times.slice(1);
}
