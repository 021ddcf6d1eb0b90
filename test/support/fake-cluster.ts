import type { HostState } from "../../host/rollout/host-state";
import { FakeHost, type Answer } from "./fake-host";
import { observed } from "./host-state";
import { answered, publicAnswer } from "./release-answers";

/** Servers that write their scripts into one list, each with the name of its server. */
export function fakeCluster(
  states: Readonly<Record<string, HostState>>,
  answers: Readonly<Record<string, Record<string, Answer>>> = {},
  version = "bbbbbbb",
) {
  const log: string[] = [];
  const hosts = Object.entries(states).map(([name, state]) => {
    const host = new FakeHost({
      "rollout/observe.sh": observed(state),
      "rollout/probe.sh": answered(200, version),
      "rollout/prove.sh": publicAnswer(version),
      ...answers[name],
    });
    const run = host.run.bind(host);
    host.run = (command) => {
      log.push(`${name} ${command.script.replace(/^.*\/|\.sh$/g, "")}`);
      return run(command);
    };
    return { name, host };
  });
  const servers = hosts.map(({ name, host }) => ({ name, shell: host }));
  return { log, servers, hostOf: (name: string) => hosts.find((one) => one.name === name)?.host ?? new FakeHost() };
}
