import type { Command } from "commander";
import type { Problem } from "../../host/inventory/rules/problem";
import { serverProblems } from "../../host/preflight/preflight";
import { parseActions, repair } from "../../host/status/repair";
import { renderChecks, type CheckResult } from "../check";
import { answersOf, onServers, type Context, type GlobalOptions, type ServerContext } from "../context";
import { backupChecks, tableCheck } from "../diagnosis";
import { operatorChecks } from "../doctor/operator-checks";
import { readOperatorFacts } from "../doctor/operator-facts";
import { examineLock } from "../lock";
import { readSource, type Source } from "../source";
import { readExpectations } from "../stack";
import { readStatus, type Asking } from "../status/read-status";
import { nextRun } from "../status/host-lines";
import type { Line } from "../status/line";
import { statusLines, type StatusSources } from "../status/status";
import { askingAt, askingOf, siteOptions } from "./status";

/** The results of the checks of a source; one failed result when the source does not answer. */
export const sourceChecks = <T>(
  check: string,
  source: Source<T>,
  checks: (value: T) => readonly CheckResult[],
): readonly CheckResult[] =>
  source.ok ? checks(source.value) : [{ check, ok: false, detail: source.cause, fix: source.fix }];

/** A line of the status as the result of a check. Facts without a judgement are no check. */
export const lineCheck = ({ topic, level, text, fix }: Line): readonly CheckResult[] =>
  level === "info" ? [] : [{ check: topic, ok: level !== "fail", warn: level === "warn", detail: text, fix }];

/** The checks of backups and data. */
async function backupResults({ stack, backups }: Context, sources: StatusSources): Promise<readonly CheckResult[]> {
  if (sources.backups === undefined || !sources.host.ok) return [];
  const next = nextRun(sources.host.value, `${stack.app.name}-backup.timer`);
  const tables = await readSource(backups.examine());
  return [
    ...sourceChecks("the backups can be listed", sources.backups, (list) => backupChecks(list, next)),
    ...sourceChecks("the data can be read", tables, (found) => found.map(tableCheck)),
  ];
}

/** The results of each server, with its name where there are several. */
async function ofEach(
  all: readonly ServerContext[],
  examineOne: (context: ServerContext) => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  const found = await answersOf(all, examineOne);
  return found.flatMap(({ server, value }) =>
    all.length === 1 ? value : value.map((result) => ({ ...result, check: `${server}: ${result.check}` })),
  );
}

async function examine(context: Context, asking: Asking): Promise<readonly CheckResult[]> {
  const { stack, shell, backups } = context;
  const [sources, operator] = await Promise.all([
    readStatus(stack, shell, backups, asking),
    readOperatorFacts(stack, process.env),
  ]);
  const lines = statusLines(stack, { ...sources, backups: undefined }, new Date().toISOString());
  return [
    ...operatorChecks(operator, sources.host, asking.at !== undefined),
    ...lines.flatMap(lineCheck),
    ...(await backupResults(context, sources)),
  ];
}

/** The problems of a server as results of checks, the worst first. A server without one has a single good result. */
export const serverChecks = (problems: readonly Problem[]): readonly CheckResult[] =>
  problems.length === 0
    ? [{ check: "the server is ready for an update", ok: true, detail: "" }]
    : problems.map(({ fact, choices }) => ({ check: fact, ok: false, detail: "", fix: choices.join("\n       or: ") }));

interface DoctorOptions {
  readonly host?: boolean;
  readonly timeout: number;
  readonly setAside?: string;
  readonly fix?: boolean;
}

/** Repairs first, so that the checks show the result. */
async function fixServer({ stack, shell }: Context): Promise<void> {
  const actions = parseActions(await shell.run(repair(stack.app.name)));
  const text = actions.length === 0 ? ["nothing to repair"] : actions;
  for (const action of text) process.stderr.write(`fix: ${action}\n`);
}

/** `ops doctor`. */
export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description(
      "check this machine, the accounts, the stack's lock, the site, the server, the backups and the data; exit code 1 when a check fails",
    )
    .option("--host", "only take the inventory of the server and name each problem, also before a first deployment")
    .option("--fix", "first start nginx, Docker, the active release's socket, and our units and timers that do not run")
    .option(
      "--set-aside <table>",
      "open a table at the newest version that reads; later ones are renamed, not deleted",
    );
  for (const option of siteOptions(program, 10)) command.addOption(option);
  command.action((options: DoctorOptions) =>
    onServers(program, async (context, all) => {
      const { stack: name, configFile } = program.opts<GlobalOptions>();
      if (options.host) {
        const expected = readExpectations(name, configFile);
        const results = await ofEach(all, async ({ stack: { connection }, shell }) =>
          serverChecks(await serverProblems({ ...expected, connection }, shell)),
        );
        context.print(results, renderChecks);
        if (results.some(({ ok }) => !ok)) process.exitCode = 1;
        return;
      }
      if (options.setAside !== undefined) await context.backups.setAside(options.setAside);
      if (options.fix) await answersOf(all, fixServer);
      const asking = askingOf(options);
      const [lock, results] = await Promise.all([
        examineLock({ stack: name, configFile }),
        ofEach(all, (one) => examine(one, all.length === 1 ? asking : askingAt(one, asking))),
      ]);
      context.print([lock, ...results], renderChecks);
      if ([lock, ...results].some(({ ok }) => !ok)) process.exitCode = 1;
    }),
  );
}
