import { setTimeout as sleep } from "node:timers/promises";
import { Option, type Command } from "commander";
import { firstName } from "../../config/cluster-servers";
import { onServers, type Context, type ServerContext } from "../context";
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

function renderReport({ app, url, at, lines }: StatusReport, server = ""): string {
  const title = `${server}${app}  ${url}  ${at.slice(0, 19).replace("T", " ")} UTC`;
  return renderScreen(title, lines, { colour: showsColours(process.stdout, process.env) });
}

/** The reports of the servers of a cluster. */
interface ClusterReport {
  readonly servers: Readonly<Record<string, StatusReport>>;
}

const renderCluster = ({ servers }: ClusterReport): string =>
  Object.entries(servers)
    .map(([name, report]) => renderReport(report, `${name}: `))
    .join("\n\n");

/** A server of a cluster is asked itself: DNS leads to any of them. */
export const askingAt = ({ stack, server }: ServerContext, asking: Asking): Asking => ({
  ...asking,
  at: (server === firstName ? asking.at : undefined) ?? { address: stack.connection.host, port: httpsPort },
});

const httpsPort = 443;

async function clusterReport(all: readonly ServerContext[], asking: Asking): Promise<ClusterReport> {
  const reports = await Promise.all(all.map(async (one) => [one.server, await reportOf(one, askingAt(one, asking))]));
  return { servers: Object.fromEntries(reports) as ClusterReport["servers"] };
}

/** Prints the status once. @returns whether no server needs an operator now. */
async function printStatus(
  first: ServerContext,
  all: readonly ServerContext[],
  asking: Asking,
  before = "",
): Promise<boolean> {
  if (all.length > 1) {
    const report = await clusterReport(all, asking);
    first.print(report, (value) => before + renderCluster(value));
    return Object.values(report.servers).every(({ lines }) => isGood(lines));
  }
  const report = await reportOf(first, asking);
  first.print(report, (value) => before + renderReport(value));
  return isGood(report.lines);
}

async function watch(first: ServerContext, all: readonly ServerContext[], asking: Asking): Promise<never> {
  for (;;) {
    await printStatus(first, all, asking, process.stdout.isTTY ? clearScreen : "");
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
    onServers(program, async (first, all) => {
      const asking = askingOf(options);
      if (options.watch) await watch(first, all, asking);
      if (!(await printStatus(first, all, asking))) process.exitCode = 1;
    }),
  );
}
