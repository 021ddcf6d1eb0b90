import { describe, expect, test } from "vitest";
import { isAbandoned, parseLocks, renderLocks, type Here } from "../../ops/stack-lock";

const refused = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/p/s/1.json: created by runner@vm-1 (pid 4711) at 2026-11-23T22:00:00Z`;
const lock = { user: "runner", host: "vm-1", pid: 4711, since: "2026-11-23T22:00:00Z" };
const here: Here = { user: "runner", host: "vm-2", deployJob: true, isRunning: () => true };

describe("parseLocks", () => {
  test("reads who holds the lock, where and since when", () => {
    expect(parseLocks(refused)).toEqual([lock]);
  });

  test("finds none in another failure", () => {
    expect(parseLocks("error: update failed: created by a@b (pid 1) at noon")).toEqual([]);
  });
});

describe("isAbandoned", () => {
  test("an earlier deploy job's, in a deploy job: they take turns", () => {
    expect(isAbandoned(lock, here)).toBe(true);
  });

  test("not a runner's, from a laptop", () => {
    expect(isAbandoned(lock, { ...here, deployJob: false })).toBe(false);
  });

  test("not a laptop's, from a deploy job", () => {
    expect(isAbandoned({ ...lock, user: "nicholas" }, here)).toBe(false);
  });

  test.each([
    ["gone", true],
    ["running", false],
  ])("this machine's, when its process is %s", (state, abandoned) => {
    const local = { ...here, host: "vm-1", isRunning: () => state === "running" };
    expect(isAbandoned(lock, local)).toBe(abandoned);
  });
});

describe("renderLocks", () => {
  test("says whose the lock is and how to clear it", () => {
    expect(renderLocks([lock], "prod").split("\n")).toEqual([
      "the stack is locked by runner on vm-1 (process 4711) since 2026-11-23T22:00:00Z",
      "if that run is over or was killed, clear the lock: pulumi cancel --yes --stack prod",
    ]);
  });
});
