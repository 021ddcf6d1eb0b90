import type { Command } from "commander";
import type { GlobalOptions } from "./context";
import { readStack } from "./stack";

/** The commands that would change or show one server of several, each with the way that works on a cluster. */
const ofOneServer: Readonly<Record<string, string>> = {
  "rollback --now": "pulumi up -c imageTag=$(pulumi stack output previousImageTag)",
  deploy: "pulumi up -c imageTag=<tag>",
  exec: "ssh to the server, then: docker exec -it $(docker ps --quiet --filter label=app=<app>) <command>",
  maintenance:
    "run it with the stack file of each server alone, or answer with a maintenance page in front of the servers",
  rename: "deploy a stack with the new name beside this one",
  report: "ops history, ops status",
};

/** The commands that read the server of `host` and no other. */
const readsFirst: readonly string[] = ["status", "history", "logs", "doctor"];

/** Name of a command below `ops`, with the option that makes it another one. */
function nameOf(command: Command): string {
  const top = command.parent?.parent ? command.parent : command;
  return command.opts<{ now?: boolean }>().now ? `${top.name()} --now` : top.name();
}

/** The answer of a command to a cluster: an error, a note, or nothing. */
export function onCluster(name: string, servers: number): { readonly error?: string; readonly note?: string } {
  if (servers < 2) return {};
  const way = ofOneServer[name];
  if (way !== undefined)
    return { error: `ops ${name} works on one server, and this stack has ${servers}\n  next: ${way}` };
  return readsFirst.includes(name) ? { note: `note: of the ${servers} servers this is the one of host alone` } : {};
}

/** Before a command: refuses it, or says that it shows one server of several. */
export function knowsClusters(program: Command): void {
  program.hook("preAction", (_, command) => {
    const name = nameOf(command);
    if (!(name in ofOneServer) && !readsFirst.includes(name)) return;
    const { stack, configFile } = program.opts<GlobalOptions>();
    const { error, note } = onCluster(name, readStack(stack, configFile).servers);
    if (error !== undefined) throw new Error(error);
    if (note !== undefined) process.stderr.write(`${note}\n`);
  });
}
