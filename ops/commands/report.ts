import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { onHost } from "../context";
import { loadLibrary } from "../report/charts";
import { reportModel, type ReportModel, type ReportSources } from "../report/model";
import { renderReport } from "../report/page";
import { readReport } from "../report/read-report";
import { renderCount } from "../status/words";

const defaults = { days: 14, seconds: 30 };

interface ReportOptions {
  readonly out?: string;
  readonly days: number;
  readonly timeout: number;
}

/** @throws Error when no source of the server answered: the page would be empty. */
function assertAnswered({ releases, traffic, host }: ReportSources): void {
  if (releases.ok || traffic.ok || host.ok) return;
  throw new Error(`no report: the server does not answer: ${releases.cause}\n  next: ${releases.fix}`);
}

const renderWritten = (file: string, { deployments, missing }: ReportModel): string =>
  [`${file} shows ${renderCount(deployments.length, "deployment")}; open it in a browser`, ...missing].join("\n");

/** `ops report`. */
export function addReport(program: Command): void {
  const number = (name: string, text: string): number =>
    /^[1-9]\d?$/.test(text) ? Number(text) : program.error(`${name} takes a number from 1 to 99`);
  program
    .command("report")
    .description(
      "write one HTML page: deployments, requests and 5xx around each cutover, latency, memory, disk, backups, certificates",
    )
    .option("--out <file>", "the file to write (default: <app>-report.html)")
    .option(
      "--days <count>",
      "how far the requests reach into the past",
      (text) => number("--days", text),
      defaults.days,
    )
    .option(
      "--timeout <seconds>",
      "how long each source may take",
      (text) => number("--timeout", text),
      defaults.seconds,
    )
    .action(({ out, days, timeout }: ReportOptions) =>
      onHost(program, async ({ stack, shell, backups, print }) => {
        const sources = await readReport(stack, shell, backups, { seconds: timeout, days });
        assertAnswered(sources);
        const model = reportModel(stack, sources, { now: new Date().toISOString(), days });
        const file = out ?? `${stack.app.name}-report.html`;
        writeFileSync(file, renderReport(model, await loadLibrary()));
        print({ file, ...model }, () => renderWritten(file, model));
      }),
    );
}
