import type { Command } from "commander";
import { reach } from "../host/swarm/reach";
import type { ClusterServer } from "../host/swarm/rollout";
import type { GlobalOptions, ServerContext } from "./context";
import { readStack } from "./stack";

/** The commands that would change or show one server of several, each with the way that works on a cluster. */
const ofOneServer: Readonly<Record<string, string>> = {
  deploy: "pulumi up -c imageTag=<tag>",
  exec: "ssh to the server, then: docker exec -it $(docker ps --quiet --filter label=app=<app>) <command>",
  maintenance: "answer with a maintenance page in front of the servers, such as at the load balancer",
  rename: "deploy a stack with the new name beside this one",
  report: "ops history, ops status",
};

/** Name of a command below `ops`. */
const nameOf = (command: Command): string => (command.parent?.parent ? command.parent : command).name();

/** Why a command is refused on a cluster; undefined for one that works there, and on one server. */
export function refusal(name: string, isCluster: boolean): string | undefined {
  const way = ofOneServer[name];
  if (!isCluster || way === undefined) return undefined;
  return `ops ${name} works without a cluster, and this stack has one\n  next: ${way}`;
}

/** Before a command: refuses it if it works on one server alone. */
export function refuseOnClusters(program: Command): void {
  program.hook("preAction", (_, command) => {
    const name = nameOf(command);
    if (!(name in ofOneServer)) return;
    const { stack, configFile } = program.opts<GlobalOptions>();
    const words = refusal(name, readStack(stack, configFile).isCluster);
    if (words !== undefined) throw new Error(words);
  });
}

/**
 * The servers of a cluster that answer; names the others. The first one must answer, because it says which release is the previous one.
 * @throws Error when at most half of the servers answer.
 */
export async function answeringServers(
  all: readonly ServerContext[],
  report: (line: string) => void,
): Promise<readonly ClusterServer[]> {
  const found = await Promise.all(
    all.map(async ({ server: name, shell }) => ({ name, shell, cause: await reach(shell) })),
  );
  const down = found.filter(({ cause }) => cause !== "").map(({ name, cause }) => `${name} (${cause})`);
  if (down.length * 2 >= all.length)
    throw new Error(`these servers do not answer: ${down.join(", ")}\n  next: start them, then run it again`);
  if (down.length > 0)
    report(`warning: without ${down.join(", ")}: run \`pulumi up\` when it is back, which makes it equal`);
  return found.filter(({ cause }) => cause === "");
}
