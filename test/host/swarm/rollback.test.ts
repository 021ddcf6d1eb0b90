import { describe, expect, test, vi } from "vitest";
import { deploymentSchema } from "../../../host/rollout/deployment";
import { rollBackCluster } from "../../../host/swarm/rollback";
import { deployment } from "../../support/deployment";
import { fakeCluster } from "../../support/fake-cluster";
import type { FakeHost } from "../../support/fake-host";
import { container, hostState } from "../../support/host-state";
import { answered } from "../../support/release-answers";
import { rollbackSettings } from "../../support/rollback-settings";

const { connection } = rollbackSettings;
const settings = { ...rollbackSettings, cluster: ["host", "second"].map((name) => ({ name, connection })) };
const served = hostState({
  active: "22",
  previous: "11",
  environment: "22",
  listening: ["22"],
  containers: [container("11", "aaaaaaa", false), container("22", "bbbbbbb", true)],
  targets: { "11": "127.0.0.1:20017", "22": "127.0.0.1:20034" },
  records: [deployment({ id: "deploy-2", imageTag: "bbbbbbb", release: "22" })],
});
const two = { host: served, second: served };
const request = { reason: "checkout is broken" };

const recordsOf = (host: FakeHost) =>
  host.commands
    .filter(({ script }) => script === "rollout/record.sh")
    .map(({ stdin }) => deploymentSchema.parse(JSON.parse(stdin ?? "")));

describe("rollBackCluster", () => {
  test("starts the previous release everywhere, records before the confirm, then ends the other one", async () => {
    const { log, servers } = fakeCluster(two, {}, "aaaaaaa");
    expect(await rollBackCluster(settings, request, servers)).toEqual({
      ...{ serving: "aaaaaaa", release: "11", rolledBack: "bbbbbbb" },
    });
    expect(log).toEqual([
      ...["host observe", "second observe", "host scale", "host start", "second start"],
      ...["host probe", "second probe", "host probe", "second probe", "host switch", "second switch"],
      ...["host wait-open", "second wait-open", "host prove", "second prove", "host record", "second record"],
      ...["host confirm", "second confirm", "host drain", "second drain"],
      ...["host scale", "host retire", "second retire"],
    ]);
  });

  test("the record on every server refuses the tag that was rolled back", async () => {
    const { servers, hostOf } = fakeCluster(two, {}, "aaaaaaa");
    await rollBackCluster(settings, request, servers);
    for (const name of ["host", "second"])
      expect(recordsOf(hostOf(name))).toMatchObject([
        { imageTag: "bbbbbbb", status: "rolled_back", tagRefused: true, reason: "checkout is broken" },
      ]);
  });

  test("the records of all servers have the same id", async () => {
    const { servers, hostOf } = fakeCluster(two, {}, "aaaaaaa");
    const Clock = Date;
    let time = Clock.now();
    vi.stubGlobal(
      "Date",
      class extends Clock {
        constructor(value?: number | string) {
          super(value ?? (time += 5));
        }
      },
    );
    await rollBackCluster(settings, request, servers);
    const [one, other] = ["host", "second"].map((name) => recordsOf(hostOf(name)).map(({ id }) => id));
    vi.unstubAllGlobals();
    expect(one).toHaveLength(1);
    expect(one).toEqual(other);
  });

  test("an unhealthy previous release changes nothing on any server, and leaves no record", async () => {
    const { log, servers } = fakeCluster(two, { second: { "rollout/probe.sh": answered(500) } }, "aaaaaaa");
    await expect(rollBackCluster(settings, request, servers)).rejects.toThrow(
      /^roll back to aaaaaaa: gate of release 11 [^]*on second: answered 500/,
    );
    expect(log.filter((line) => /switch|record/.test(line))).toEqual([]);
    expect(log.slice(-3)).toEqual(["host scale", "host retire", "second retire"]);
  });

  test("a server without the release refuses, and the error names it", async () => {
    const other = { ...served, containers: [container("22", "bbbbbbb", true)] };
    const { log, servers } = fakeCluster({ host: served, second: other });
    await expect(rollBackCluster(settings, request, servers)).rejects.toThrow("release 11 is not known on second");
    expect(log).toEqual(["host observe", "second observe"]);
  });

  test("a tag that did not serve is refused", async () => {
    const { servers } = fakeCluster(two);
    await expect(rollBackCluster(settings, { ...request, tag: "ccccccc" }, servers)).rejects.toThrow(
      "no other tag than bbbbbbb served",
    );
  });
});
