import type { Command } from "commander";
import { observed, onHost } from "../context";
import { findDeployment, renderDeployment, renderHistory } from "../history";

/** `ops history`. */
export const addHistory = (program: Command): Command =>
  program
    .command("history")
    .description(
      "the last deployments, one line each: what, how it ended, how long, by whom and why; with an id, all of one",
    )
    .argument("[id]", "the id or the image tag of a deployment, or its beginning")
    .action((id?: string) =>
      onHost(program, async (context) => {
        const { records } = await observed(context);
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
