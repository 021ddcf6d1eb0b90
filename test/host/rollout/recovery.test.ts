import { describe, expect, test } from "vitest";
import type { HostState } from "../../../host/rollout/host-state";
import { stepKinds } from "../../../host/rollout/plan";
import { recoveryOf } from "../../../host/rollout/run";
import { hostState as host } from "../../support/host-state";

const recoveries = (state: HostState) => stepKinds.map((kind) => recoveryOf(kind, state, "22"));

describe("recoveryOf", () => {
  test("beside a serving release: stop the new one before the switch, move back after it, leave it once confirmed", () => {
    expect(recoveries(host({ active: "11" }))).toEqual([
      ...["stop-new", "stop-new", "stop-new"],
      ...["move-back", "move-back", "move-back", "move-back"],
      ...["leave", "leave", "leave", "leave"],
    ]);
  });

  test("at a first deployment there is nothing to move back to", () => {
    expect(new Set(recoveries(host({})).slice(3))).toEqual(new Set(["leave"]));
  });

  test("the serving release itself is never stopped", () => {
    expect(new Set(recoveries(host({ active: "22" })))).toEqual(new Set(["leave"]));
  });

  test("a cutover that was never confirmed moves back whatever fails before it is", () => {
    const state = host({ active: "22", unconfirmed: { from: "11", to: "22" } });
    expect(recoveries(state).slice(0, 7)).toEqual(Array(7).fill("move-back"));
  });
});
