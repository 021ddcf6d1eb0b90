import type { Command } from "commander";
import { answersOf, observed, onServers } from "../context";
import { findDeployment, mergedRecords, renderDeployment, renderHistory } from "../history";

/** `ops history`. */
export const addHistory = (program: Command): Command =>
  program
    .command("history")
    .description(
      "the last deployments, one line each: what, how it ended, how long, by whom and why; with an id, all of one",
    )
    .argument("[id]", "the id or the image tag of a deployment, or its beginning")
    .action((id?: string) =>
      onServers(program, async (context, all) => {
        const answers = await answersOf(all, observed);
        const records = mergedRecords(answers.map(({ server, value }) => ({ server, records: value.records })));
        if (id === undefined) {
          context.print(records, renderHistory);
          return;
        }
        const found = findDeployment(records, id);
        if (found === undefined)
          throw new Error(`no deployment has the id or the image tag ${id}\n  next: ops history`);
        context.print(found, renderDeployment);
      }),
    );
