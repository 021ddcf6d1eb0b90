import type { BackupCommands } from "../../host/backup/backup-commands";
import { observe } from "../../host/rollout/commands";
import { parseHostState } from "../../host/rollout/host-state";
import type { Shell } from "../../host/shell";
import { askSite, parseSiteView } from "../../host/site/site-view";
import { parseHostFacts, readHostFacts } from "../../host/status/host-facts";
import { readSource, within } from "../source";
import type { Stack } from "../stack";
import { visit, type SiteAddress } from "../visitor";
import type { StatusSources } from "./status";

/** How the sources of a status are asked. */
export interface Asking {
  /** How long each source may take. */
  readonly seconds: number;
  /** Where the site is asked; undefined: where DNS says. */
  readonly at: SiteAddress | undefined;
}

/** Asks all sources at one time. A source that fails, or takes too long, does not stop the others. Never rejects. */
export async function readStatus(
  { app, health, bucket }: Stack,
  shell: Shell,
  backups: BackupCommands,
  { seconds, at }: Asking,
): Promise<StatusSources> {
  const ask = <T>(answer: Promise<T>) => readSource(within(seconds, answer));
  const { path } = health;
  const [visited, site, releases, host, list] = await Promise.all([
    ask(visit(app.domain, path, at, AbortSignal.timeout((seconds + 1) * 1000))),
    // A site that does not answer is an answer of the server: it needs the last third of the time.
    ask(shell.run(askSite(app.name, app.domain, path, Math.max(1, Math.floor((seconds * 2) / 3)))).then(parseSiteView)),
    ask(shell.run(observe(app.name)).then(parseHostState)),
    ask(shell.run(readHostFacts(app.name, seconds)).then(parseHostFacts)),
    bucket === undefined ? undefined : ask(backups.list()),
  ]);
  return { visit: visited, site, releases, host, backups: list };
}
