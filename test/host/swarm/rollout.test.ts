import { describe, expect, test } from "vitest";
import { deploymentSchema } from "../../../host/rollout/deployment";
import { rolloutInputsSchema } from "../../../host/rollout/inputs";
import { runClusterRollout } from "../../../host/swarm/rollout";
import { publishedPort } from "../../../host/swarm/published-port";
import { deployment } from "../../support/deployment";
import { fakeCluster as cluster } from "../../support/fake-cluster";
import { answered } from "../../support/release-answers";
import type { FakeHost } from "../../support/fake-host";
import { container, hostState } from "../../support/host-state";

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
      ...["host switch", "second switch", "host wait-open", "second wait-open", "host prove", "second prove"],
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

  test("a server that does not answer any more does not stop the others from reverting", async () => {
    const gone = new Error("connection to the server lost");
    const scripts = ["rollout/prove.sh", "rollout/revert.sh", "rollout/retire.sh"];
    const answers = Object.fromEntries(scripts.map((script) => [script, gone]));
    const { log, servers, hostOf } = cluster(two, { second: answers });
    await expect(runClusterRollout(inputs, servers)).rejects.toThrow("on second: connection to the server lost");
    expect(log).toContain("host revert");
    expect(log).toContain("host retire");
    expect(statusesOf(hostOf("host"))).toEqual(["in_progress", "rolled_back"]);
  });

  test("files of the image are kept on every server between start and gate", async () => {
    const { log, servers } = cluster(two);
    await runClusterRollout({ ...inputs, keepAssets: { "/assets/": "/app/assets" } }, servers);
    expect(log.slice(4, 10)).toEqual([
      ...["host scale", "host start", "second start"],
      ...["host keep", "second keep", "host probe"],
    ]);
  });

  test("a confirm that one server does not make leaves the others as they are", async () => {
    const { log, servers } = cluster(two, { second: { "rollout/confirm.sh": new Error("reverted already") } });
    await expect(runClusterRollout(inputs, servers)).rejects.toThrow("on second: reverted already");
    expect(log.slice(-2)).toEqual(["host record", "second record"]);
    expect(log.filter((line) => /revert|retire/.test(line))).toEqual([]);
  });
});
