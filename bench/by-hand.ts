import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../rehearsal/world/run";
import { sshCommand } from "../rehearsal/world/world";
import { repositoryRoot } from "../repository";
import type { Road } from "../test/support/road";
import { imageOf, nextRelease } from "./next-release";
import { repeated } from "./statistics";

/** The floor: `by-hand.sh` over ssh to this address. Milliseconds of each run. */
export async function byHand(road: Road, host: string, runs: number): Promise<number[]> {
  const { address, sshPort } = road.world.vps;
  const [ssh = "", ...words] = sshCommand(road.world);
  const way = ["-o", `HostName=${host}`, "-o", `HostKeyAlias=[${address}]:${sshPort}`];
  const script = readFileSync(join(repositoryRoot, "bench", "by-hand.sh"), "utf8");
  let previous = "";
  const times = await repeated(runs + 1, async () => {
    const tag = await nextRelease(road);
    const arguments_ = [imageOf(road, tag), `hand-${tag}`, previous].join(" ");
    const from = Date.now();
    await run([ssh, ...way, ...words, `bash -s -- ${arguments_}`], { seconds: 60, input: script });
    previous = `hand-${tag}`;
    return Date.now() - from;
  });
  await road.onVps(`docker rm --force ${previous}`);
  // The first stops no release before it.
  return times.slice(1);
}
