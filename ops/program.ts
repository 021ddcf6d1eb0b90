import { Command } from "commander";
import { z } from "zod";
import { writeIdentityFiles } from "../host/ssh/identity-file";
import { rollBack, type RollbackRequest, type RollbackResult } from "../host/rollout/rollback";
import { rollBackCluster } from "../host/swarm/rollback";
import { readRepositoryFile } from "../repository";
import { answeringServers, refuseOnClusters } from "./cluster";
import { addAlerts } from "./commands/alerts";
import { addCompletion } from "./commands/completion";
import { addDoctor } from "./commands/doctor";
import { addExec } from "./commands/exec";
import { addHistory } from "./commands/history";
import { addInit } from "./commands/init";
import { addLogs } from "./commands/logs";
import { addMaintenance } from "./commands/maintenance";
import { addRename } from "./commands/rename";
import { addReport } from "./commands/report";
import { addStatus } from "./commands/status";
import {
  observed,
  onHost as onContext,
  onServers,
  type Context,
  type GlobalOptions,
  type ServerContext,
} from "./context";
import { deploy } from "./deploy";
import { destroy, keptByDestroy, renderKept } from "./destroy";
import { pipelineCommand } from "./pipeline-init";
import { renderBackupKept, renderRestored, renderRun } from "./render";
import { renderRolledBack, renderWayBack, renderWayTo, rollbackSettings, wayBack, wayTo } from "./rollback";
import { readStack } from "./stack";

/** The command was used in a wrong way, so nothing was done. */
export const usageExitCode = 2;

const exitCodes = "Exit codes: 0 good, 1 the command failed or found a problem, 2 it was used in a wrong way.";

const packageSchema = z.object({ version: z.string() });

/** A command and all commands below it. */
export const allCommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(allCommands),
];

/** The commands of the operator. */
export const program = new Command("ops")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode))
  .description("The commands of the operator.")
  .version(packageSchema.parse(JSON.parse(readRepositoryFile("package.json"))).version)
  .option("-s, --stack <name>", "the stack to work on", process.env["PULUMI_STACK"] ?? "prod")
  .option("--config-file <path>", "its stack file, where that is another than Pulumi.<stack>.yaml")
  .option("--json", "print one JSON object");

/** Progress goes to standard error, so that `--json` prints one object. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function rollBackNow(
  { stack, shell }: ServerContext,
  all: readonly ServerContext[],
  request: RollbackRequest,
): Promise<RollbackResult> {
  const settings = rollbackSettings(stack);
  if (!stack.isCluster) return rollBack(settings, request, shell, report);
  return rollBackCluster(settings, request, await answeringServers(all, report), report);
}

const onHost = (work: (context: Context) => Promise<void>): Promise<void> => onContext(program, work);

const backup = program
  .command("backup")
  .description("make a backup now and prove it")
  .option("--permanent", "and keep it for good")
  .action(({ permanent }: { permanent?: boolean }) =>
    onHost(async ({ backups, print }) => {
      print(await backups.backup(permanent ? "permanent" : "daily"), renderRun);
    }),
  );

backup
  .command("keep")
  .description("keep a backup for good: a copy that nothing deletes")
  .argument("<id>", "`latest`, backup-YYYYMMDD, or a name from `ops status`")
  .action((id: string) =>
    onHost(async ({ backups, print }) => {
      print(await backups.keep(id), renderBackupKept);
    }),
  );

program
  .command("restore")
  .description("restore a backup")
  .argument("<id>", "`latest`, backup-YYYYMMDD, or a name from `ops status`")
  .option("--to <folder>", "into a folder of the host that does not exist")
  .option("--in-place", "in the place of the app's data; the app stops for it")
  .action((id: string, { to, inPlace }: { to?: string; inPlace?: boolean }) => {
    if ((to === undefined) === (inPlace !== true)) program.error("say where to: --to <folder>, or --in-place");
    return onHost(async ({ backups, print }) => {
      const restored = to === undefined ? await backups.restoreInPlace(id) : await backups.restoreTo(id, to);
      print(restored, (value) => renderRestored(value, to === undefined ? "serves" : `is at ${to}`));
    });
  });

program
  .command("drill")
  .description("restore a backup for practice, read all of it, and throw it away")
  .argument("[id]", "which one; without it the newest, and what comes of it shows in `ops status`")
  .action((id?: string) =>
    onHost(async ({ backups, print }) => {
      print(await backups.drill(id), (value) => renderRestored(value, "restores and reads"));
    }),
  );

addInit(program);
addStatus(program);

addHistory(program);
addReport(program);
addLogs(program);
addExec(program);
addMaintenance(program);
addRename(program);
addAlerts(program);

program
  .command("deploy")
  .description("deploy a pushed image tag with a deploy key (host.deployKeys); needs neither engine nor secrets")
  .argument("<tag>", "image tag, such as the hash of a commit")
  .action(async (tag: string) => {
    const { stack: name, configFile, json } = program.opts<GlobalOptions>();
    const { stdout, stderr } = process;
    process.exitCode = await deploy(readStack(name, configFile), tag, json ? stderr : stdout, stderr);
    if (json) stdout.write(`${JSON.stringify({ tag, deployed: process.exitCode === 0 })}\n`);
  });

program
  .command("rollback")
  .description("say how to roll back to the previous release; with --now, roll back with the server alone")
  .option("--now", "start the previous release, gate it, switch to it; needs neither engine nor registry")
  .option("--to <tag>", "roll back to this tag; it must have served on this server")
  .option("--reason <words>", "for the record, and for who deploys the same again", "ops rollback --now")
  .action(({ now, to: tag, reason }: { now?: boolean; to?: string; reason: string }) =>
    onServers(program, async (context, all) => {
      const { print } = context;
      const { stack: name } = program.opts<GlobalOptions>();
      if (now) print(await rollBackNow(context, all, { reason, tag }), renderRolledBack);
      else if (tag === undefined) print(wayBack(await observed(context)), (way) => renderWayBack(way, name));
      else print(wayTo(await observed(context), tag), (way) => renderWayTo(way, name));
    }),
  );

addDoctor(program);
refuseOnClusters(program);

program
  .command("destroy")
  .description("remove site, containers and settings; backups, data and certificate stay, and it says where")
  .option("--yes", "do not ask first")
  .action(async ({ yes }: { yes?: boolean }) => {
    const { stack: name, configFile, json } = program.opts<GlobalOptions>();
    const stack = readStack(name, configFile);
    // Docker's ssh reads the key that the program chose, and a destroy does not run the program.
    writeIdentityFiles(stack.connection);
    const isDestroyed = await destroy({ stack: name, configFile }, yes === true);
    const kept = keptByDestroy(name, stack);
    if (json) process.stdout.write(`${JSON.stringify({ destroyed: isDestroyed, kept }, undefined, 2)}\n`);
    else if (isDestroyed) process.stdout.write(`${renderKept(kept)}\n`);
  });

const pipeline = pipelineCommand(() => {
  const { stack, configFile } = program.opts<GlobalOptions>();
  return readStack(stack, configFile).variables;
});
for (const command of [pipeline, ...pipeline.commands]) command.copyInheritedSettings(program);
program.addCommand(pipeline);

addCompletion(program);

for (const command of allCommands(program)) command.addHelpText("after", `\n${exitCodes}`);
