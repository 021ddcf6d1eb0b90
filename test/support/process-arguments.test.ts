import { expect, test } from "vitest";
import { run } from "../../rehearsal/world/run";
import { argumentsDuring } from "./process-arguments";

test("argumentsDuring returns the arguments of a process of this machine", async () => {
  const lines = await argumentsDuring([], () => run(["bash", "-c", "sleep 1; true", "a-canary"], { seconds: 10 }));
  expect(lines.split("\n")).toContain("bash -c sleep 1; true a-canary");
});
