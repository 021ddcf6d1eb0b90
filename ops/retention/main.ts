import { Command } from "commander";
import { Github } from "../../github/rest";
import { inUseByDeployments, inUseByStack } from "./in-use";
import { renderPlan } from "./plan";
import { parseRepository } from "./registry";
import { carryOut, prepareRetention, type Deleted } from "./run";

interface Options {
  readonly image: string;
  readonly stack: string;
  readonly repository: string;
  readonly dryRun: boolean;
}

const environment = process.env;
/** In CI it deletes by default. Elsewhere the option --no-dry-run is needed. */
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
  if (!dryRun) report(await carryOut(github, plan));
}

/** One version that GitHub keeps is a warning. If it deletes none, the token is the cause. */
function report({ deleted, refused }: Deleted): void {
  for (const { version, cause } of refused) {
    const name = version.tags.join(",") || version.digest;
    process.stderr.write(`warning: ${name} and its parts stay: ${cause}\n`);
  }
  process.stdout.write(`${deleted} deleted${refused.length > 0 ? `, ${refused.length} refused by GitHub` : ""}\n`);
  if (deleted === 0 && refused.length > 0) process.exitCode = 1;
}

new Command("retention")
  .description(
    "Deletes old images from the registry. It keeps the deployed image, the rollback target, the newest images, and their parts.",
  )
  .requiredOption("--image <repository>", "such as ghcr.io/owner/name", environment["IMAGE_REPOSITORY"])
  .requiredOption("--stack <name>", "the stack whose outputs name the deployed image", environment["PULUMI_STACK"])
  .requiredOption(
    "--repository <owner/name>",
    "the app's repository, with its deployments",
    environment["GITHUB_REPOSITORY"],
  )
  .option("--dry-run", "only print what would be deleted", dryRunByDefault)
  .option("--no-dry-run", "delete")
  .action(retain)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(
      `stopped, nothing else was deleted: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  });
