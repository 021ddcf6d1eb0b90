import { Command } from "commander";
import { Github } from "../../github/rest";
import { inUseByDeployments, inUseByStack } from "./in-use";
import { renderPlan } from "./plan";
import { parseRepository } from "./registry";
import { carryOut, prepareRetention } from "./run";

interface Options {
  readonly image: string;
  readonly stack: string;
  readonly repository: string;
  readonly dryRun: boolean;
}

const environment = process.env;
/** In CI it deletes, unless told otherwise; elsewhere somebody has to ask for it. */
const dryRunByDefault = environment["DRY_RUN"] === "true" || environment["CI"] !== "true";

async function retain({ image, stack, repository, dryRun }: Options): Promise<void> {
  const token = environment["GITHUB_TOKEN"];
  const github = new Github({ apiUrl: environment["GITHUB_API_URL"], token });
  const inUse = [...(await inUseByStack(stack)), ...(await inUseByDeployments(github, repository))];
  const parsed = parseRepository(image);
  const registry = parsed.registry.startsWith("https:") ? { ...parsed, token } : parsed;
  const plan = await prepareRetention({ github, repository: registry, inUse });
  process.stdout.write(`${renderPlan(plan, dryRun)}\n`);
  if (plan.refusal !== undefined) process.exitCode = 1;
  if (!dryRun) process.stdout.write(`${await carryOut(github, plan)} deleted\n`);
}

new Command("retention")
  .description(
    "Deletes old images from the registry, never what is deployed, its predecessor, or a part of what stays.",
  )
  .requiredOption("--image <repository>", "such as ghcr.io/owner/name", environment["IMAGE_REPOSITORY"])
  .requiredOption("--stack <name>", "the stack whose outputs say what is deployed", environment["PULUMI_STACK"])
  .requiredOption("--repository <owner/name>", "the app's, with its deployments", environment["GITHUB_REPOSITORY"])
  .option("--dry-run", "only say what would be deleted", dryRunByDefault)
  .option("--no-dry-run", "delete")
  .action(retain)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`nothing was deleted after this: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
