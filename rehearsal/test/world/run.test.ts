import { describe, expect, test } from "vitest";
import { run, succeeds } from "../../world/run";

describe("run", () => {
  test("gives the standard output, for the input and environment it passed", async () => {
    const options = { seconds: 5, input: "in", environment: { GIVEN: "env" } };
    expect(await run(["sh", "-c", 'cat; echo " $GIVEN"'], options)).toBe("in env\n");
  });

  test("a failure carries the command and what it printed", async () => {
    const failing = run(["sh", "-c", "echo out; echo err >&2; exit 3"], { seconds: 5 });
    await expect(failing).rejects.toThrow(/exit 3: failed\nout\n\nerr$/);
  });

  test("a missing program is named", async () => {
    await expect(run(["no-such-program"], { seconds: 5 })).rejects.toThrow("no-such-program: there is no such program");
  });

  test("a program that exceeds its time limit is stopped", async () => {
    await expect(run(["sleep", "30"], { seconds: 0.1 })).rejects.toThrow("sleep 30: did not end within 0.1 s");
  });
});

describe("succeeds", () => {
  test("tells success from failure, also of a program that is not there", async () => {
    expect(
      await Promise.all([["true"], ["false"], ["no-such-program"]].map((words) => succeeds(words, { seconds: 5 }))),
    ).toEqual([true, false, false]);
  });
});
