import { describe, expect, test } from "vitest";
import { deploymentSchema } from "../../../host/rollout/deployment";
import type { HostState } from "../../../host/rollout/host-state";
import { rollBack } from "../../../host/rollout/rollback";
import { deployment } from "../../support/deployment";
import { FakeHost, type Answer } from "../../support/fake-host";
import { container, hostState, observed } from "../../support/host-state";
import { answered, publicAnswer } from "../../support/release-answers";
import { rollbackSettings as settings } from "../../support/rollback-settings";

const served = hostState({
  active: "22",
  previous: "11",
  environment: "22",
  listening: ["22"],
  containers: [container("11", "aaaaaaa", false), container("22", "bbbbbbb", true)],
  targets: { "11": "10.213.0.11:3000", "22": "10.213.0.22:3000" },
});

const hostOf = (state: HostState, answers: Readonly<Record<string, Answer>> = {}): FakeHost =>
  new FakeHost({
    "rollout/observe.sh": observed(state),
    "rollout/probe.sh": answered(200, "aaaaaaa"),
    "rollout/prove.sh": publicAnswer("aaaaaaa"),
    ...answers,
  });

const recordsOf = (host: FakeHost) =>
  host.commands
    .filter(({ script }) => script === "rollout/record.sh")
    .map(({ stdin }) => deploymentSchema.parse(JSON.parse(stdin ?? "")));

describe("rollBack", () => {
  test("starts, gates, switches to and proves the previous release, and records the rollback", async () => {
    const host = hostOf(served);
    expect(await rollBack(settings, { reason: "checkout is broken" }, host)).toEqual({
      serving: "aaaaaaa",
      release: "11",
      rolledBack: "bbbbbbb",
    });
    expect(host.locks).toEqual(["/run/app/rollout.lock"]);
    expect(host.scripts).toEqual([
      "rollout/observe.sh",
      "rollout/start.sh",
      ...["rollout/probe.sh", "rollout/probe.sh"],
      ...["rollout/switch.sh", "rollout/prove.sh", "rollout/record.sh", "rollout/confirm.sh"],
      ...["rollout/drain.sh", "rollout/retire.sh"],
    ]);
    expect(recordsOf(host)).toEqual([
      expect.objectContaining({
        imageTag: "bbbbbbb",
        commitSha: "bbbbbbb",
        release: "22",
        status: "rolled_back",
        previousVersion: "aaaaaaa",
        healthCheckPassed: true,
        tagRefused: true,
        reason: "checkout is broken",
      }),
    ]);
  });

  test("never leads to a release of the tag that serves", async () => {
    const containers = [container("11", "aaaaaaa", false), container("22", "aaaaaaa", true)];
    const host = hostOf({ ...served, containers });
    await expect(rollBack(settings, { reason: "why" }, host)).rejects.toThrow("this server has no previous release");
  });

  test("rolls back to a tag whose release is on the server, refuses any other tag, and changes nothing then", async () => {
    const served1 = { ...served, records: [deployment({ imageTag: "0000000" }), deployment({ imageTag: "aaaaaaa" })] };
    const request = { reason: "why", tag: "aaaaaaa" };
    expect(await rollBack(settings, request, hostOf(served1))).toMatchObject({ serving: "aaaaaaa" });
    const host = hostOf(served1);
    await expect(rollBack(settings, { ...request, tag: "0000000" }, host)).rejects.toThrow(
      "roll back app: the server has not kept the release of 0000000\n  next: deploy it: pulumi up -c imageTag=0000000",
    );
    await expect(rollBack(settings, { ...request, tag: "fffffff" }, host)).rejects.toThrow(
      "roll back app: fffffff has not served on this server; aaaaaaa, 0000000 have\n  next: ops rollback --to aaaaaaa",
    );
    expect(host.scripts).toEqual(["rollout/observe.sh", "rollout/observe.sh"]);
  });

  test("gives interrupted deployments their final status", async () => {
    const records = [deployment({ id: "deploy-0", status: "in_progress", release: "33" })];
    const host = hostOf({ ...served, records });
    await rollBack(settings, { reason: "why" }, host);
    expect(recordsOf(host)[0]).toMatchObject({
      id: "deploy-0",
      status: "failed",
      reason: "the run ended before the deployment did",
    });
  });

  test("an unhealthy previous release is stopped again: nothing is switched or recorded", async () => {
    const host = hostOf(served, { "rollout/probe.sh": answered(500, "aaaaaaa") });
    await expect(rollBack(settings, { reason: "why" }, host)).rejects.toThrow(
      /^roll back to aaaaaaa: gate of release 11 \/api\/health: answered 500, not 200[^]*\n {2}next: run `ops rollback --now` again, or deploy a good tag: pulumi up -c imageTag=<commit sha>\nthe site still runs bbbbbbb \(release 22\)/,
    );
    expect(host.scripts).not.toContain("rollout/switch.sh");
    expect(host.scripts).not.toContain("rollout/record.sh");
    expect(host.commands.at(-1)).toMatchObject({ script: "rollout/retire.sh", args: ["app", "11", "30"] });
  });

  test("a second rollback changes nothing", async () => {
    const records = [
      deployment({
        release: "22",
        imageTag: "bbbbbbb",
        status: "rolled_back",
        tagRefused: true,
        previousVersion: "aaaaaaa",
      }),
    ];
    const containers = [container("11", "aaaaaaa", true), container("22", "bbbbbbb", false)];
    const host = hostOf({
      ...served,
      active: "11",
      environment: "11",
      previous: "22",
      listening: ["11"],
      containers,
      records,
    });
    expect(await rollBack(settings, { reason: "why" }, host)).toEqual({
      serving: "aaaaaaa",
      release: "11",
      rolledBack: "bbbbbbb",
    });
    expect(host.scripts).not.toContain("rollout/switch.sh");
    expect(host.scripts).not.toContain("rollout/record.sh");
  });

  test.each([
    [hostState({}), "roll back app: this server has no previous release\n  next: deploy a good tag"],
    [
      { ...served, containers: served.containers.slice(1) },
      "roll back app: the container of release 11 is missing on the server\n  next: deploy the tag again",
    ],
  ])("explains why no rollback is possible", async (state, message) => {
    const host = hostOf(state);
    await expect(rollBack(settings, { reason: "why" }, host)).rejects.toThrow(message);
    expect(host.scripts).toEqual(["rollout/observe.sh"]);
  });
});
