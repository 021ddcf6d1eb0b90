import { describe, expect, test } from "vitest";
import type { HostState } from "../../../host/rollout/host-state";
import { stepKinds } from "../../../host/rollout/plan";
import { recoveryOf } from "../../../host/rollout/run";
import { hostState as host } from "../../support/host-state";

const recoveries = (state: HostState) => stepKinds.map((kind) => recoveryOf(kind, state, "22"));

describe("recoveryOf", () => {
  test("beside a serving release: stop the new one before the switch, revert after it, leave it after the confirm", () => {
    expect(recoveries(host({ active: "11" }))).toEqual([
      ...["stop-new", "stop-new", "stop-new", "stop-new"],
      ...["revert", "revert", "revert", "revert"],
      ...["leave", "leave", "leave", "leave"],
    ]);
  });

  test("a first deployment is never reverted", () => {
    expect(new Set(recoveries(host({})).slice(stepKinds.indexOf("switch")))).toEqual(new Set(["leave"]));
  });

  test("the serving release itself is never stopped", () => {
    expect(new Set(recoveries(host({ active: "22" })))).toEqual(new Set(["leave"]));
  });

  test("an unconfirmed cutover is reverted whatever fails before the confirm", () => {
    const state = host({ active: "22", unconfirmed: { from: "11", to: "22" } });
    expect(recoveries(state).slice(0, 7)).toEqual(Array(7).fill("revert"));
  });
});
