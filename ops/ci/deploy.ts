import { policed, pulumi, stackName, type Ended } from "./pulumi";
import { here, isAbandoned, parseLocks, renderLocks } from "../stack-lock";
import { fenced, summarize } from "./summary";

/** `pulumi up`; a lock that an earlier deploy job left when it was killed is cleared once. */
async function up(tag: string): Promise<Ended> {
  const words = ["up", "--yes", "--skip-preview", ...policed, "--config", `imageTag=${tag}`];
  const first = await pulumi(words);
  const locks = parseLocks(first.output);
  if (first.code === 0 || locks.length === 0) return first;
  const me = here();
  if (!locks.every((lock) => isAbandoned(lock, me))) {
    process.stderr.write(`${renderLocks(locks, stackName())}\n`);
    return first;
  }
  process.stderr.write("the lock was left by a run that was killed: clearing it\n");
  const cleared = await pulumi(["cancel", "--yes"]);
  return cleared.code === 0 ? pulumi(words) : cleared;
}

/** Deploys IMAGE_TAG to PULUMI_STACK and says in the job's summary how it went. */
async function main(): Promise<void> {
  const tag = process.env["IMAGE_TAG"];
  if (!tag) throw new Error("IMAGE_TAG is not set: set it to the tag of a pushed image, such as a commit's hash");
  const started = Date.now();
  const { code, output } = await up(tag);
  const seconds = Math.round((Date.now() - started) / 1000);
  const title = code === 0 ? `Deployed \`${tag}\` in ${seconds} s` : `Deploying \`${tag}\` failed after ${seconds} s`;
  summarize(`## ${title}\n\n${fenced(output, "text")}`);
  process.exitCode = code;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
