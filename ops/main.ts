#!/usr/bin/env node
import { Command } from "commander";
import { gateOf } from "../config/health";
import { pooledShells } from "../host/ssh/ssh-shell";
import { observe } from "../host/rollout/commands";
import { parseHostState, type HostState } from "../host/rollout/host-state";
import { recordWarnings } from "../host/rollout/records";
import { rollBack } from "../host/rollout/rollback";
import { BackupCommands } from "../host/backup/backup-commands";
import { renderChecks, type CheckResult } from "./check";
import { askSite, judgeSite, parseSiteView, type SiteVerdict } from "../host/site/site-view";
import { backupChecks, tableCheck } from "./diagnosis";
import { deploy } from "./deploy";
import { destroy, keptByDestroy, renderKept } from "./destroy";
import { renderBackupKept, renderRestored, renderRun } from "./render";
import { renderHistory } from "./history";
import { examineLock } from "./lock";
import { parseLogs, readLogs, renderLogs } from "./logs";
import { pipelineCommand } from "./pipeline-init";
import { renderRolledBack, renderWayBack, rollbackSettings, wayBack } from "./rollback";
import { readSource, type Source } from "./source";
import { StackFileError, readStack, type Stack } from "./stack";
import { isGood, renderStatus, siteCheck, sourceChecks, statusJson } from "./status";

interface Options {
  readonly stack: string;
  readonly configFile?: string;
  readonly json?: boolean;
}

type OpsShell = ReturnType<ReturnType<typeof pooledShells>>;

/** A host to work on, and what to tell of it: one JSON object, or lines for a person. */
interface Context {
  readonly stack: Stack;
  readonly shell: OpsShell;
  readonly backups: BackupCommands;
  readonly print: <T>(value: T, render: (value: T) => string) => void;
}

/** Progress goes to standard error, so that `--json` prints one object. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The command was used in a wrong way, so nothing was done. */
const usageExitCode = 2;

const program = new Command("ops")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode))
  .description("The commands of the operator. Exit codes: 0 good, 1 failed or a problem was found, 2 wrong use.")
  .option("-s, --stack <name>", "the stack to work on", process.env["PULUMI_STACK"] ?? "prod")
  .option("--config-file <path>", "its stack file, where that is another than Pulumi.<stack>.yaml")
  .option("--json", "print one JSON object");

/** Runs a command's work against the stack's server, and always closes the connection. */
async function onHost(work: (context: Context) => Promise<void>): Promise<void> {
  const { stack: name, configFile, json } = program.opts<Options>();
  const stack = readStack(name, configFile);
  const shell = pooledShells()(stack.connection);
  const print: Context["print"] = (value, render) =>
    process.stdout.write(`${json ? JSON.stringify(value, undefined, 2) : render(value)}\n`);
  try {
    await work({ stack, shell, backups: new BackupCommands(shell, stack.app.name), print });
  } finally {
    await shell.close();
  }
}

/** The releases on the server. Names each deployment record that cannot be read, on standard error. */
async function observed({ shell, stack }: Context): Promise<HostState> {
  const state = parseHostState(await shell.run(observe(stack.app.name)));
  for (const warning of recordWarnings(stack.app.name, state)) process.stderr.write(`warning: ${warning}\n`);
  return state;
}

/** The site, as its server sees it. */
async function siteOf({ shell, stack: { app, health } }: Context): Promise<Source<SiteVerdict>> {
  const view = shell.run(askSite(app.name, app.domain, health.path)).then(parseSiteView);
  // Any version: the site may run another one than the operator's.
  return readSource(view.then((found) => judgeSite(app.name, found, gateOf({ ...health, version: "none" }, ""))));
}

/** The checks of backups and data. Each source is asked on its own. */
async function backupResults(backups: BackupCommands): Promise<readonly CheckResult[]> {
  const list = await readSource(backups.list());
  const tables = await readSource(backups.examine());
  return [
    ...sourceChecks("the backups can be listed", list, backupChecks),
    ...sourceChecks("the data can be read", tables, (found) => found.map(tableCheck)),
  ];
}

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

program
  .command("status")
  .description("whether the site serves, the active image tag and the backups; exit code 1 when something is wrong")
  .action(() =>
    onHost(async (context) => {
      const { stack, backups, print } = context;
      const [site, releases, list] = await Promise.all([
        siteOf(context),
        readSource(observed(context)),
        stack.bucket === undefined ? undefined : readSource(backups.list()),
      ]);
      const sources = { site, releases, backups: list };
      print(statusJson(sources), () => renderStatus(sources));
      if (!isGood(sources)) process.exitCode = 1;
    }),
  );

program
  .command("history")
  .description("the last twenty deployments: what, when, by whom, how it ended and why")
  .action(() =>
    onHost(async (context) => {
      context.print((await observed(context)).records, renderHistory);
    }),
  );

program
  .command("logs")
  .description("the newest lines that the app has logged, whichever release")
  .option("-n, --lines <count>", "how many", "100")
  .action(({ lines }: { lines: string }) => {
    if (!/^[1-9]\d{0,5}$/.test(lines)) program.error("--lines takes a number from 1 to 999999");
    return onHost(async ({ shell, stack, print }) => {
      print(parseLogs(await shell.run(readLogs(stack.app.name, Number(lines)))), renderLogs);
    });
  });

program
  .command("deploy")
  .description("deploy a pushed image tag with a deploy key (host.deployKeys); needs neither engine nor secrets")
  .argument("<tag>", "image tag, such as the hash of a commit")
  .action(async (tag: string) => {
    const { stack: name, configFile } = program.opts<Options>();
    process.exitCode = await deploy(readStack(name, configFile), tag, process.stdout, process.stderr);
  });

program
  .command("rollback")
  .description("say how to roll back to the previous release; with --now, roll back with the server alone")
  .option("--now", "start the previous release, gate it, switch to it; needs neither engine nor registry")
  .option("--reason <words>", "for the record, and for who deploys the same again", "ops rollback --now")
  .action(({ now, reason }: { now?: boolean; reason: string }) =>
    onHost(async (context) => {
      const { stack, shell, print } = context;
      if (now) print(await rollBack(rollbackSettings(stack), reason, shell, report), renderRolledBack);
      else print(wayBack(await observed(context)), (way) => renderWayBack(way, program.opts<Options>().stack));
    }),
  );

program
  .command("doctor")
  .description("check the stack's lock, the site, the backups and the data; exit code 1 when a check fails")
  .option("--set-aside <table>", "open a table at the newest version that reads; later ones are renamed, not deleted")
  .action(({ setAside }: { setAside?: string }) =>
    onHost(async (context) => {
      const { stack, backups, print } = context;
      const { stack: name, configFile } = program.opts<Options>();
      const lock = await examineLock({ stack: name, configFile });
      if (setAside !== undefined) await backups.setAside(setAside);
      const [site, releases] = await Promise.all([siteOf(context), readSource(observed(context))]);
      const results = [
        lock,
        siteCheck(site),
        ...sourceChecks("the releases and records can be read", releases, () => []),
        ...(stack.bucket === undefined ? [] : await backupResults(backups)),
      ];
      print(results, renderChecks);
      if (results.some(({ ok }) => !ok)) process.exitCode = 1;
    }),
  );

program
  .command("destroy")
  .description("remove site, containers and settings; backups, data and certificate stay, and it says where")
  .option("--yes", "do not ask first")
  .action(async ({ yes }: { yes?: boolean }) => {
    const { stack: name, configFile } = program.opts<Options>();
    const stack = readStack(name, configFile);
    if (await destroy({ stack: name, configFile }, yes === true))
      process.stdout.write(`${renderKept(keptByDestroy(name, stack))}\n`);
  });

const pipeline = pipelineCommand(() => {
  const { stack, configFile } = program.opts<Options>();
  return readStack(stack, configFile).variables;
});
for (const command of [pipeline, ...pipeline.commands]) command.copyInheritedSettings(program);
program.addCommand(pipeline);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof StackFileError ? usageExitCode : 1;
});
