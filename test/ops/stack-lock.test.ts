import { describe, expect, test } from "vitest";
import { isAbandoned, parseLocks, renderLocks, type Machine } from "../../ops/stack-lock";

const refused = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/p/s/1.json: created by runner@vm-1 (pid 4711) at 2026-11-23T22:00:00Z`;
const lock = { user: "runner", host: "vm-1", pid: 4711, since: "2026-11-23T22:00:00Z" };
const machine: Machine = { user: "runner", host: "vm-2", isDeployJob: true, isRunning: () => true };

describe("parseLocks", () => {
  test("reads holder, machine, process and time", () => {
    expect(parseLocks(refused)).toEqual([lock]);
  });

  test("finds no lock in another failure", () => {
    expect(parseLocks("error: update failed: created by a@b (pid 1) at noon")).toEqual([]);
  });
});

describe("isAbandoned", () => {
  test("in a deploy job, the lock of an earlier deploy job is abandoned: they run one at a time", () => {
    expect(isAbandoned(lock, machine)).toBe(true);
  });

  test("on a laptop, the lock of a deploy job is not", () => {
    expect(isAbandoned(lock, { ...machine, isDeployJob: false })).toBe(false);
  });

  test("in a deploy job, the lock of a laptop is not", () => {
    expect(isAbandoned({ ...lock, user: "nicholas" }, machine)).toBe(false);
  });

  test.each([
    ["gone", true],
    ["running", false],
  ])("a lock of this machine, when its process is %s", (state, abandoned) => {
    const local = { ...machine, host: "vm-1", isRunning: () => state === "running" };
    expect(isAbandoned(lock, local)).toBe(abandoned);
  });
});

describe("renderLocks", () => {
  test("names the holder and the command that clears the lock", () => {
    expect(renderLocks([lock], "prod").split("\n")).toEqual([
      "the stack is locked by runner on vm-1 (process 4711) since 2026-11-23T22:00:00Z",
      "  next: if that run has ended or was killed, clear the lock: pulumi cancel --yes --stack prod",
    ]);
  });
});
