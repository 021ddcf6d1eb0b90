import { describe, expect, test } from "vitest";
import { deploymentSchema } from "../../../host/rollout/deployment";
import type { HostState } from "../../../host/rollout/host-state";
import { rolloutInputsSchema } from "../../../host/rollout/inputs";
import { runClusterRollout } from "../../../host/swarm/rollout";
import { publishedPort } from "../../../host/swarm/published-port";
import { deployment } from "../../support/deployment";
import { FakeHost, type Answer } from "../../support/fake-host";
import { container, hostState, observed } from "../../support/host-state";

const digest = `sha256:${"1".repeat(64)}`;
const connection = { host: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const inputs = rolloutInputsSchema.parse({
  ...{ connection, app: "app", domain: "app.example.com", release: "22", port: 3000 },
  image: { repository: "ghcr.io/owner/app", tag: "bbbbbbb", digest },
  gate: { retries: 0, version: "bbbbbbb" },
  soakSeconds: 0,
  cluster: [
    { name: "host", connection },
    { name: "second", connection: { ...connection, host: "203.0.113.8" } },
  ],
});

const served = hostState({
  active: "11",
  environment: "11",
  listening: ["11"],
  containers: [container("11", "aaaaaaa", true)],
  records: [deployment({ id: "deploy-1", imageTag: "aaaaaaa", release: "11" })],
});

function answered(status: number): string {
  const body = JSON.stringify({ status: "healthy", checks: { database: { status: "up" } }, version: "bbbbbbb" });
  const fine = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };
  return JSON.stringify({ kind: "answer", container: fine, seconds: 0.1, status, body });
}

/** Servers that write their scripts into one list, each with the name of its server. */
function cluster(
  states: Readonly<Record<string, HostState>>,
  answers: Readonly<Record<string, Record<string, Answer>>> = {},
) {
  const log: string[] = [];
  const hosts = Object.entries(states).map(([name, state]) => {
    const body = JSON.stringify({ status: "healthy", checks: {}, version: "bbbbbbb" });
    const host = new FakeHost({
      "rollout/observe.sh": observed(state),
      "rollout/probe.sh": answered(200),
      "rollout/prove.sh": JSON.stringify({ version: "", body }),
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

const statusesOf = (host: FakeHost) =>
  host.commands
    .filter(({ script }) => script === "rollout/record.sh")
    .map(({ stdin }) => deploymentSchema.parse(JSON.parse(stdin ?? "")))
    .map(({ status }) => status);

const two = { host: served, second: served };

describe("runClusterRollout", () => {
  test("goes from phase to phase on all servers, and the manager starts, ends and prunes the services", async () => {
    const { log, servers } = cluster(two);
    await runClusterRollout(inputs, servers);
    expect(log).toEqual([
      ...["host observe", "second observe", "host record", "second record"],
      ...["host scale", "host start", "second start"],
      ...["host probe", "second probe", "host probe", "second probe"],
      ...["host switch", "second switch", "host prove", "second prove"],
      ...["host confirm", "second confirm", "host drain", "second drain"],
      ...["host scale", "host retire", "second retire"],
      ...["host record", "second record", "host prune", "second prune", "host prune"],
    ]);
  });

  test("holds the lock of each server in the same order, and every server gets the same record", async () => {
    const { servers, hostOf } = cluster(two);
    const { deployment: ended, releases } = await runClusterRollout(inputs, servers);
    expect(["host", "second"].map((name) => hostOf(name).locks)).toEqual([
      ["/run/app/rollout.lock"],
      ["/run/app/rollout.lock"],
    ]);
    expect(statusesOf(hostOf("second"))).toEqual(["in_progress", "success"]);
    expect(ended).toMatchObject({ status: "success", previousVersion: "aaaaaaa", healthCheckPassed: true });
    expect(releases.map(({ tag }) => tag)).toEqual(["bbbbbbb", "aaaaaaa"]);
  });

  test("the release starts with its published port and facts, and one task for each server", async () => {
    const { servers, hostOf } = cluster(two);
    await runClusterRollout(inputs, servers);
    const argsOf = (name: string, script: string) =>
      hostOf(name)
        .commands.filter((command) => command.script === script)
        .map(({ args }) => args);
    expect(argsOf("host", "swarm/scale.sh")).toEqual([
      ["app", "22", "2", "0"],
      ["app", "11", "0", "60"],
    ]);
    expect(argsOf("second", "swarm/start.sh")).toEqual([
      ["app", "22", String(publishedPort("22")), "512", "bbbbbbb", digest],
    ]);
    expect(argsOf("host", "swarm/prune.sh")).toEqual([["app", "22", "11"]]);
  });

  test("an unhealthy release on one server ends on all of them before any switch; the error names the server", async () => {
    const { log, servers, hostOf } = cluster(two, {
      second: { "rollout/probe.sh": answered(500), "swarm/logs.sh": "out of order\n" },
    });
    await expect(runClusterRollout(inputs, servers)).rejects.toThrow(
      /^deploy bbbbbbb: gate of release 22 \/api\/health: on second: answered 500, not 200[^]*\n {2}next: to keep aaaaaaa, run `pulumi up`[^]*last log lines of release 22:\nout of order$/,
    );
    expect(log.filter((line) => line.endsWith("switch"))).toEqual([]);
    expect(log.slice(-5)).toEqual(["host scale", "host retire", "second retire", "host record", "second record"]);
    expect(statusesOf(hostOf("host"))).toEqual(["in_progress", "failed"]);
  });

  test("a server that cannot prove the release makes all of them revert", async () => {
    const { log, servers, hostOf } = cluster(two, { second: { "rollout/prove.sh": new Error("no answer") } });
    await expect(runClusterRollout(inputs, servers)).rejects.toThrow("on second: no answer");
    expect(log.slice(-7)).toEqual([
      ...["host revert", "second revert", "host scale", "host retire", "second retire"],
      ...["host record", "second record"],
    ]);
    expect(statusesOf(hostOf("second"))).toEqual(["in_progress", "rolled_back"]);
  });

  test("a confirm that one server does not make leaves the others as they are", async () => {
    const { log, servers } = cluster(two, { second: { "rollout/confirm.sh": new Error("reverted already") } });
    await expect(runClusterRollout(inputs, servers)).rejects.toThrow("on second: reverted already");
    expect(log.slice(-2)).toEqual(["host record", "second record"]);
    expect(log.filter((line) => /revert|retire/.test(line))).toEqual([]);
  });
});
