import { buildRelease } from "../rehearsal/release";
import { ensurePulumi, runPulumi, type Pulumi } from "../rehearsal/pulumi";
import { ensureStack, repository } from "../rehearsal/stack";
import { ensureWorld } from "../rehearsal/world/world";
import { repositoryRoot } from "../repository";
import type { Row } from "./row";
import { median, ratio, seconds } from "./statistics";

const PREVIEWS = 5;
const tag = "a0be7c8";

/** A rehearsal with the sample app deployed; one that is there already is used. */
async function deployed(): Promise<Pulumi> {
  const quiet = () => undefined;
  const world = await ensureWorld({ checkout: repositoryRoot, suffix: "bench" }, quiet);
  const pulumi = await ensurePulumi(world, quiet);
  await ensureStack(world, pulumi);
  await buildRelease({ tag, behaviour: "normal", registry: world.registry.address, repository }, quiet);
  await runPulumi(pulumi, ["up", "--yes", "--skip-preview", "--config", `imageTag=${tag}`]);
  return pulumi;
}

async function previewMs(pulumi: Pulumi, ...words: readonly string[]): Promise<number> {
  const started = performance.now();
  await runPulumi(pulumi, ["preview", ...words]);
  return performance.now() - started;
}

/** What the policy pack adds to a preview of a deployed stack; both take turns, so that they meet the same machine. */
export async function benchPolicy(): Promise<readonly Row[]> {
  const pulumi = await deployed();
  const plain: number[] = [];
  const withPack: number[] = [];
  for (let preview = 0; preview < PREVIEWS; preview += 1) {
    plain.push(await previewMs(pulumi));
    withPack.push(await previewMs(pulumi, "--policy-pack", "policy"));
  }
  const [ours, theirs] = [median(withPack), median(plain)];
  return [
    {
      name: "pulumi preview with the policy pack",
      ours: seconds(ours),
      theirs: seconds(theirs),
      ratio: ratio(ours, theirs),
      note: `theirs: the same preview without it; adds ${seconds(ours - theirs)}; medians of ${PREVIEWS}`,
    },
  ];
}
