import { expect, test } from "vitest";
import { stepEnded, stepStarted, warning, warningIn } from "../../../host/rollout/progress";

test("a step is named at its start, and with its time at its end", () => {
  expect(stepStarted("switch")).toBe("switch ...");
  expect(stepEnded("switch", 149, "printed")).toBe("switch: 0.1 s");
  expect(stepEnded("gate", 400, "2 of 2 healthy")).toBe("gate: 2 of 2 healthy, 0.4 s");
});

test("a warning is a line that says so, and can be told from others", () => {
  expect(warning("no room")).toBe("warning: no room");
  expect(warningIn("warning: no room")).toBe("no room");
  expect(warningIn("gate: 2 of 2 healthy, 0.4 s")).toBeUndefined();
});
