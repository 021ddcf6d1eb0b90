import { setTimeout as sleep } from "node:timers/promises";
import { Argument, type Command } from "commander";
import { answersOf, onServers, type GlobalOptions, type ServerContext } from "../context";
import {
  followLogs,
  logSources,
  matching,
  ofServers,
  parseLogs,
  readLogs,
  releaseRefusal,
  renderLines,
  sinceOf,
} from "../logs";
import type { LogLine, LogSource } from "../logs";

const followMs = 1000;
/** A pattern looks through more lines than a person reads. */
const defaultLines = { plain: 100, pattern: 10_000 };

interface LogsOptions {
  readonly lines?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly release?: string;
  readonly grep?: string;
}

function patternOf(program: Command, text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch {
    return program.error(`--grep takes a regular expression of JavaScript; this is none: ${text}`);
  }
}

function linesOf(program: Command, { lines, grep }: LogsOptions): number {
  if (lines === undefined) return grep === undefined ? defaultLines.plain : defaultLines.pattern;
  if (!/^[1-9]\d{0,5}$/.test(lines)) program.error("--lines takes a number from 1 to 999999");
  return Number(lines);
}

/** Prints lines as they come; as JSON one object in each line. */
const show = (json: boolean | undefined, pattern: RegExp | undefined) => (lines: readonly LogLine[]) => {
  const found = matching(lines, pattern);
  if (found.length === 0) return;
  const text = json ? found.map((line) => JSON.stringify(line)).join("\n") : renderLines(found);
  process.stdout.write(`${text}\n`);
};

async function printLogs(program: Command, source: LogSource, options: LogsOptions): Promise<void> {
  const pattern = patternOf(program, options.grep);
  const lines = linesOf(program, options);
  const release = options.release ?? "";
  if (!/^[0-9a-f]*$/.test(release))
    program.error("--release takes a release id, such as 0a0b0c0; ops history shows them");
  const refusal = release === "" ? undefined : releaseRefusal(source);
  if (refusal !== undefined) program.error(refusal);
  return onServers(program, async ({ stack, print }, all) => {
    const question = { source, app: stack.app.name, lines, since: sinceOf(options.since ?? ""), release, cursor: "" };
    const of = ({ server }: ServerContext, found: readonly LogLine[]): readonly LogLine[] =>
      all.length === 1 ? found : ofServers([{ server, value: found }]);
    if (options.follow) {
      const printNew = show(program.opts<GlobalOptions>().json, pattern);
      const pause = () => sleep(followMs, true);
      await answersOf(all, (one) =>
        followLogs(
          one.shell,
          question,
          (found) => {
            printNew(of(one, found));
          },
          pause,
        ),
      );
    }
    const answers = await answersOf(all, async (one) => parseLogs(await one.shell.run(readLogs(question))).lines);
    const merged = all.length === 1 ? answers.flatMap(({ value }) => value) : ofServers(answers).slice(-lines);
    print(matching(merged, pattern), (value) => (value.length === 0 ? "the log has no such line" : renderLines(value)));
  });
}

/** `ops logs`. */
export const addLogs = (program: Command): Command =>
  program
    .command("logs")
    .description("log lines of the app (all releases), of nginx, of the release sockets (rollout), or of the backups")
    .addArgument(new Argument("[source]", "the log").choices(logSources).default("app"))
    .option("-n, --lines <count>", "the newest lines, at most this many (default: 100, or 10000 with --grep)")
    .option("-f, --follow", "print new lines as they come, until Ctrl-C; with --json one object in each line")
    .option("--since <time>", "only later lines: 10m, 2h, 3d, or a time of journalctl, such as 2026-11-26 10:00")
    .option("--release <id>", "only lines of this release (app and rollout)")
    .option("--grep <pattern>", "only lines that this regular expression matches")
    .action((source: LogSource, options: LogsOptions) => printLogs(program, source, options));
