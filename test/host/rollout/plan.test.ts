import { describe, expect, test } from "vitest";
import { planRollback, planRollout, previousRelease, rollbackTarget, stepKinds } from "../../../host/rollout/plan";
import { deployment } from "../../support/deployment";
import { container as containerOf, hostState as host } from "../../support/host-state";

const container = (release: string, running: boolean, imageTag = tags[release] ?? "") =>
  containerOf(release, imageTag, running);

/** A tag for each release, so that each can be the rollback target of the others. */
const tags: Readonly<Record<string, string>> = { "11": "aaaaaaa", "22": "bbbbbbb", "33": "ccccccc", "44": "ddddddd" };

describe("planRollout", () => {
  test("the first deployment has nothing to drain or to stop", () => {
    const steps = planRollout(host({ containers: [container("11", true)] }), "11");
    expect(steps).toEqual([
      { kind: "start" },
      { kind: "gate" },
      { kind: "switch" },
      { kind: "prove" },
      { kind: "soak" },
      { kind: "confirm" },
      { kind: "record" },
      { kind: "prune", releases: [] },
    ]);
  });

  test("a stack that keeps assets copies them while the app starts", () => {
    const state = host({ containers: [container("11", false)] });
    const settings = { keepAssets: { "/_next/static/": "/app/.next/static" } };
    expect(planRollout(state, "11", settings).slice(0, 3)).toEqual([
      { kind: "start" },
      { kind: "keep" },
      { kind: "gate" },
    ]);
    expect(planRollout(state, "11", { keepAssets: {} })).toEqual(planRollout(state, "11"));
  });

  test("the active release is drained and stopped only after the new one is proved", () => {
    const state = host({
      active: "11",
      environment: "11",
      listening: ["11"],
      containers: [container("11", true), container("22", true)],
    });
    expect(planRollout(state, "22")).toEqual([
      { kind: "start" },
      { kind: "gate" },
      { kind: "switch" },
      { kind: "prove" },
      { kind: "soak" },
      { kind: "confirm" },
      { kind: "drain", release: "11" },
      { kind: "retire", release: "11" },
      { kind: "record" },
      { kind: "prune", releases: [] },
    ]);
  });

  test("a release whose retire was interrupted is stopped to the end: its socket is still open", () => {
    const state = host({
      active: "22",
      previous: "11",
      environment: "22",
      listening: ["11", "22"],
      containers: [container("11", false), container("22", true)],
    });
    expect(planRollout(state, "22")).toContainEqual({ kind: "retire", release: "11" });
  });

  test("the rollback target stays; failed and older releases are pruned", () => {
    const state = host({
      active: "22",
      previous: "11",
      environment: "22",
      listening: ["22", "33"],
      containers: [container("11", false), container("22", true), container("33", true), container("44", true)],
    });
    expect(planRollout(state, "44").at(-1)).toEqual({ kind: "prune", releases: ["11", "33"] });
  });

  test("a release of the same tag is drained, stopped and pruned; the rollback target of another tag stays", () => {
    const state = host({
      active: "22",
      previous: "11",
      environment: "22",
      listening: ["22"],
      containers: [container("11", false), container("22", true), container("44", false, tags["22"])],
    });
    const steps = planRollout(state, "44");
    expect(steps).toContainEqual({ kind: "drain", release: "22" });
    expect(steps).toContainEqual({ kind: "retire", release: "22" });
    expect(steps.at(-1)).toEqual({ kind: "prune", releases: ["22"] });
  });

  test("an interrupted rollout is completed after its confirm: nothing is switched again", () => {
    const state = host({
      active: "22",
      previous: "11",
      environment: "22",
      listening: ["11", "22"],
      containers: [container("11", true), container("22", true)],
    });
    expect(planRollout(state, "22").map((step) => step.kind)).toEqual([
      "start",
      "gate",
      "prove",
      "confirm",
      "drain",
      "retire",
      "record",
      "prune",
    ]);
  });

  test("an unconfirmed cutover to another release is reverted first", () => {
    const state = host({
      active: "22",
      environment: "22",
      unconfirmed: { from: "11", to: "22" },
      listening: ["11", "22"],
      containers: [container("11", true), container("22", true), container("33", true)],
    });
    const steps = planRollout(state, "33");
    expect(steps[0]).toEqual({ kind: "revert" });
    expect(steps).toContainEqual({ kind: "retire", release: "11" });
    expect(steps.at(-1)).toEqual({ kind: "prune", releases: ["22"] });
  });

  test("an unconfirmed cutover to the desired release is switched again, with a new deadline, and soaked", () => {
    const state = host({
      active: "22",
      environment: "22",
      unconfirmed: { from: "11", to: "22" },
      listening: ["11", "22"],
      containers: [container("11", true), container("22", true)],
    });
    const kinds = planRollout(state, "22").map((step) => step.kind);
    expect(kinds).toEqual([
      "start",
      "gate",
      "switch",
      "prove",
      "soak",
      "confirm",
      "drain",
      "retire",
      "record",
      "prune",
    ]);
  });

  test("an environment link left behind is switched again", () => {
    const state = host({ active: "22", environment: "11", containers: [container("22", true)] });
    expect(planRollout(state, "22")).toContainEqual({ kind: "switch" });
  });

  test("steps come in the order of stepKinds", () => {
    const state = host({ active: "11", containers: [container("11", true)], listening: ["11"] });
    const order = planRollout(state, "22").map((step) => stepKinds.indexOf(step.kind));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe("rollbackTarget", () => {
  const containers = [container("11", false), container("22", true), container("33", false)];
  const served = host({ active: "22", previous: "11", containers });

  test("the active release, while another tag is deployed", () => {
    expect(rollbackTarget(served, "33")).toBe("22");
  });

  test("the previous release, when the active one is rolled out again", () => {
    expect(rollbackTarget(served, "22")).toBe("11");
  });

  test("the release that served before an unconfirmed cutover", () => {
    expect(rollbackTarget({ ...served, active: "33", unconfirmed: { from: "22", to: "33" } }, "33")).toBe("22");
  });

  test("never a release of the same tag, so neither a failed deployment nor a change of configuration replaces it", () => {
    const again = [...containers, container("44", false, tags["22"])];
    expect(rollbackTarget({ ...served, containers: again }, "44")).toBe("11");
  });

  test("none at a first deployment, or when only one tag ever served", () => {
    expect(rollbackTarget(host({ containers }), "11")).toBe("");
    expect(
      rollbackTarget(host({ active: "22", containers: [...containers, container("44", false, tags["22"])] }), "44"),
    ).toBe("");
  });

  test("knows the tag of a release whose container was removed from its record", () => {
    const records = [
      deployment({ release: "11", imageTag: "aaaaaaa" }),
      deployment({ release: "22", imageTag: "bbbbbbb" }),
    ];
    const again = host({ active: "22", previous: "11", records, containers: [container("44", false, tags["22"])] });
    expect(rollbackTarget(again, "44")).toBe("11");
  });
});

describe("previousRelease", () => {
  const containers = [container("11", false), container("22", true), container("33", true)];

  test("is the rollback target; none at a first deployment", () => {
    expect(previousRelease(host({ active: "22", previous: "11", containers }))).toBe("11");
    expect(previousRelease(host({ active: "22", containers }))).toBe("");
  });

  test("never a release of the tag that serves, which earlier versions of this program kept", () => {
    const same = [container("11", false, tags["22"]), container("22", true)];
    expect(previousRelease(host({ active: "22", previous: "11", containers: same }))).toBe("");
  });

  test("the release that served before an unconfirmed cutover", () => {
    expect(previousRelease(host({ active: "33", previous: "11", unconfirmed: { from: "22", to: "33" } }))).toBe("22");
  });

  test("still the previous release, when a rollback was interrupted before its confirm", () => {
    expect(previousRelease(host({ active: "11", previous: "11", unconfirmed: { from: "22", to: "11" } }))).toBe("11");
  });

  test("never a release that was rolled back", () => {
    const records = [
      deployment({ release: "22", status: "success" }),
      deployment({ release: "22", status: "rolled_back" }),
      deployment({ release: "33", status: "failed" }),
    ];
    expect(previousRelease(host({ active: "11", previous: "22", records }))).toBe("11");
    expect(previousRelease(host({ active: "11", previous: "33", records }))).toBe("33");
  });
});

describe("planRollback", () => {
  const served = host({
    active: "22",
    previous: "11",
    environment: "22",
    listening: ["22"],
    containers: [container("11", false), container("22", true), container("33", false)],
  });

  test("is a rollout of the previous release, recorded before it is confirmed, without soak and prune", () => {
    expect(planRollback(served, "11")).toEqual([
      { kind: "start" },
      { kind: "gate" },
      { kind: "switch" },
      { kind: "prove" },
      { kind: "record" },
      { kind: "confirm" },
      { kind: "drain", release: "22" },
      { kind: "retire", release: "22" },
    ]);
  });

  test("an interrupted one is completed, and recorded once", () => {
    const records = [deployment({ release: "22", status: "rolled_back" })];
    const state = { ...served, active: "11", environment: "11", previous: "22", listening: ["11", "22"], records };
    expect(planRollback(state, "11")).toEqual([
      { kind: "start" },
      { kind: "gate" },
      { kind: "prove" },
      { kind: "confirm" },
      { kind: "drain", release: "22" },
      { kind: "retire", release: "22" },
    ]);
  });

  test("one that was interrupted before its confirm is switched again, and recorded", () => {
    const state = { ...served, active: "11", environment: "11", unconfirmed: { from: "22", to: "11" } };
    expect(planRollback(state, "11").map(({ kind }) => kind)).toEqual([
      "start",
      "gate",
      "switch",
      "prove",
      "record",
      "confirm",
      "drain",
      "retire",
    ]);
  });

  test("an unconfirmed cutover is reverted, and its release is stopped", () => {
    const state = { ...served, unconfirmed: { from: "11", to: "22" } };
    expect(planRollback(state, "11")).toEqual([
      { kind: "revert" },
      { kind: "prove" },
      { kind: "drain", release: "22" },
      { kind: "retire", release: "22" },
    ]);
  });
});
