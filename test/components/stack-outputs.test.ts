import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { askEngine } from "../../components/stack-outputs";

afterEach(() => {
  vi.restoreAllMocks();
});

test("asks again while the engine replaces the file of the state", async () => {
  const invoke = vi
    .spyOn(pulumi.runtime, "invoke")
    .mockRejectedValueOnce(new Error("invocation of x returned an error: failed to load checkpoint: EOF"))
    .mockResolvedValueOnce({ outputs: {} });
  expect(await askEngine("x", { name: "prod" })).toEqual({ outputs: {} });
  expect(invoke.mock.calls).toEqual([
    ["x", { name: "prod" }],
    ["x", { name: "prod" }],
  ]);
});

test("any other error is final", async () => {
  const invoke = vi.spyOn(pulumi.runtime, "invoke").mockRejectedValue(new Error("unknown stack"));
  await expect(askEngine("x", {})).rejects.toThrow("unknown stack");
  expect(invoke).toHaveBeenCalledTimes(1);
});
