import { removeWorld } from "../world/world";
import { repositoryRoot } from "../../repository";
import { DeployedWorld } from "../driver/deployed-world";
import type { Row } from "./row";
import { elapsedMs, median, ratio, seconds } from "./statistics";

const world = { checkout: repositoryRoot, suffix: "policy-bench" };
const previews = 5;
const tag = "a0be7c8";

/** The time that the policy pack adds to a preview of a deployed stack. Runs with and without the pack alternate, so that both see the same load. */
export async function benchPolicy(): Promise<readonly Row[]> {
  const system = await DeployedWorld.open(world.suffix);
  const preview = (...words: readonly string[]) =>
    elapsedMs(async () => {
      const { code, output } = await system.pulumiRun(["preview", ...words]);
      if (code !== 0) throw new Error(`pulumi preview ${words.join(" ")} failed:\n${output}`);
    });
  try {
    await system.release(tag);
    await system.deploy(tag);
    const plain: number[] = [];
    const withPack: number[] = [];
    for (let count = 0; count < previews; count++) {
      plain.push(await preview());
      withPack.push(await preview("--policy-pack", "policy"));
    }
    const [ours, theirs] = [median(withPack), median(plain)];
    const note = `theirs: the same preview without it; adds ${seconds(ours - theirs)}; medians of ${previews}`;
    const name = "pulumi preview with the policy pack";
    return [{ name, ours: seconds(ours), theirs: seconds(theirs), ratio: ratio(ours, theirs), note }];
  } finally {
    await removeWorld(world, () => undefined);
  }
}
