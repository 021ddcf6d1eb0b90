import { setTimeout as sleep } from "node:timers/promises";
import { Option, type Command } from "commander";
import { onHost, type Context } from "../context";
import { readStatus, type Asking } from "../status/read-status";
import { renderScreen, showsColours } from "../status/screen";
import { isGood, statusReport, type StatusReport } from "../status/status";
import { parseSiteAddress, type SiteAddress } from "../visitor";

const watchSeconds = 5;
const clearScreen = "\x1b[H\x1b[2J\x1b[3J";

interface StatusOptions {
  readonly timeout: number;
  readonly resolve?: SiteAddress;
  readonly watch?: boolean;
}

/** The options of each command that asks the site. @param patience default of `--timeout`, in seconds. */
export function siteOptions(program: Command, patience: number): readonly Option[] {
  const seconds = (text: string): number => {
    if (!/^[1-9]\d?$/.test(text)) program.error("--timeout takes a number of seconds from 1 to 99");
    return Number(text);
  };
  const address = (text: string): SiteAddress =>
    parseSiteAddress(text) ?? program.error("--resolve takes an address, such as 203.0.113.7 or 203.0.113.7:443");
  return [
    new Option("--timeout <seconds>", "how long each source may take").default(patience).argParser(seconds),
    new Option("--resolve <address>", "ask the site at this address (address:port), instead of where DNS says")
      .env("OPS_RESOLVE")
      .argParser(address),
  ];
}

/** How the sources are asked, by the options of a command. */
export const askingOf = ({ timeout, resolve }: StatusOptions): Asking => ({ seconds: timeout, at: resolve });

const reportOf = async ({ stack, shell, backups }: Context, asking: Asking): Promise<StatusReport> =>
  statusReport(stack, await readStatus(stack, shell, backups, asking), new Date().toISOString());

function renderReport({ app, url, at, lines }: StatusReport): string {
  const title = `${app}  ${url}  ${at.slice(0, 19).replace("T", " ")} UTC`;
  return renderScreen(title, lines, { colour: showsColours(process.stdout, process.env) });
}

async function watch(context: Context, asking: Asking): Promise<never> {
  for (;;) {
    const report = await reportOf(context, asking);
    context.print(report, (value) => `${process.stdout.isTTY ? clearScreen : ""}${renderReport(value)}`);
    await sleep(watchSeconds * 1000);
  }
}

/** `ops status`. */
export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("the site, the releases, the server and the backups on one screen; exit code 1 when something fails")
    .option("--watch", `read and draw it again every ${watchSeconds} s, until Ctrl-C`);
  for (const option of siteOptions(program, 3)) command.addOption(option);
  command.action((options: StatusOptions) =>
    onHost(program, async (context) => {
      if (options.watch) await watch(context, askingOf(options));
      const report = await reportOf(context, askingOf(options));
      context.print(report, renderReport);
      if (!isGood(report.lines)) process.exitCode = 1;
    }),
  );
}
