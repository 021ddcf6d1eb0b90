import type { BackupCommands } from "../../host/backup/backup-commands";
import { parseTraffic, readTraffic } from "../../host/report/traffic";
import { observe } from "../../host/rollout/commands";
import { parseHostState } from "../../host/rollout/host-state";
import type { Shell } from "../../host/shell";
import { parseHostFacts, readHostFacts } from "../../host/status/host-facts";
import { readSource, within } from "../source";
import type { Stack } from "../stack";
import { cutoverSeconds } from "./cutover";
import type { ReportSources } from "./model";

/**
 * Reads all sources over one connection. A source that fails, or takes longer than `seconds`, does not stop the others.
 * Never rejects.
 */
export async function readReport(
  { app, names, bucket }: Stack,
  shell: Shell,
  backups: BackupCommands,
  { seconds, days }: { readonly seconds: number; readonly days: number },
): Promise<ReportSources> {
  const ask = <T>(answer: Promise<T>) => readSource(within(seconds, answer));
  const releases = ask(shell.run(observe(app.name)).then(parseHostState));
  // The log is asked about the minutes around the cutovers, which the records name.
  const traffic = releases.then((found) => {
    const cutovers = cutoverSeconds(found.ok ? found.value.records : []);
    return ask(shell.run(readTraffic(app.name, names, days, cutovers, seconds)).then(parseTraffic));
  });
  const host = ask(shell.run(readHostFacts(app.name, seconds)).then(parseHostFacts));
  const list = bucket === undefined ? undefined : ask(backups.list());
  return { releases: await releases, traffic: await traffic, host: await host, backups: await list };
}
