import { keepAliveLoad } from "../driver/load";
import type { DeployedWorld } from "../driver/deployed-world";
import { peakPluginMemory } from "./plugin-memory";

/** The time of one command of the engine while a visitor sends fifty requests a second to the site. */
export interface ObservedRun {
  readonly wallMs: number;
  /** Time from the start of the command to the first answer of the release. Undefined for a command without a rollout. */
  readonly firstMs: number | undefined;
  /** Time between the last answer of the previous release and the first answer of the new one. */
  readonly gapMs: number | undefined;
  readonly lost: number;
  /** MiB */
  readonly pluginMemory: number;
}

const visitorPauseMs = 20;

/** A command; it passes the process id of its program on when that starts. @throws Error with the output when it fails. */
type Command = (started: (pid: number | undefined) => void) => Promise<unknown>;

/** Runs `pulumi` with these words. @throws Error with its output when it fails. */
export const observedRun = (system: DeployedWorld, words: readonly string[], tag?: string): Promise<ObservedRun> =>
  observed(
    system,
    async (started) => {
      const { code, output } = await system.pulumiRun(words, { started });
      if (code !== 0) throw new Error(`pulumi ${words.join(" ")} failed:\n${output}`);
    },
    tag,
  );

/** Runs a command that makes the release of `tag` the active one, or changes nothing. */
export async function observed(system: DeployedWorld, command: Command, tag?: string): Promise<ObservedRun> {
  const ended = new AbortController();
  const visitor = keepAliveLoad({
    target: system.target,
    clients: 1,
    postShare: 0,
    pauseMs: visitorPauseMs,
    stop: ended.signal,
  });
  let memory = Promise.resolve(0);
  const from = Date.now();
  await command((pid) => {
    memory = peakPluginMemory(pid ?? 0, ended.signal);
  }).finally(() => {
    ended.abort();
  });
  const wallMs = Date.now() - from;
  const { switches, lost } = await visitor;
  const first = tag === undefined ? undefined : switches[tag]?.first;
  const before = Object.entries(switches).filter(([release]) => release !== tag);
  return {
    wallMs,
    firstMs: first && first - from,
    gapMs: first && first - Math.max(...before.map(([, { last }]) => last)),
    lost: lost.length,
    pluginMemory: await memory,
  };
}
