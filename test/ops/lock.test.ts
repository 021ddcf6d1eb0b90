import { describe, expect, test } from "vitest";
import { lockState, renderLockState } from "../../ops/lock";
import type { Here } from "../../ops/stack-lock";

const me: Here = { user: "root", host: "desk", deployJob: false, isRunning: (pid) => pid === 1 };
const lockOf = (host: string, pid: number) => ({ user: "root", host, pid, since: "2026-11-23T22:00:00Z" });
const refused = (host: string, pid: number): string =>
  `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/1.json: created by root@${host} (pid ${pid}) at 2026-11-23T22:00:00Z`;

describe("lockState", () => {
  test.each([
    ["a name that is taken: it could be locked", "error: a stack named p/prod already exists", { kind: "free" }],
    ["a process that is gone", refused("desk", 2), { kind: "abandoned", locks: [lockOf("desk", 2)] }],
    ["a process that runs", refused("desk", 1), { kind: "held", locks: [lockOf("desk", 1)] }],
    ["another machine's", refused("vm-1", 2), { kind: "held", locks: [lockOf("vm-1", 2)] }],
    [
      "no answer",
      "error: no stack named 'prod' found\n",
      { kind: "unknown", why: "error: no stack named 'prod' found" },
    ],
  ])("%s", (_, output, state) => {
    expect(lockState({ output }, me)).toEqual(state);
  });
});

describe("renderLockState", () => {
  const locks = [lockOf("desk", 2)];

  test("an abandoned lock that was cleared is well, and says what to do about what that run had begun", () => {
    expect(renderLockState({ kind: "abandoned", locks }, "prod", true)).toEqual({
      check: "the stack is not locked",
      ok: true,
      detail:
        "left by process 2 of this machine, killed after 2026-11-23T22:00:00Z: cleared. Now: pulumi up --refresh --stack prod",
    });
  });

  test.each(["abandoned", "held"] as const)("%s and there still: whose it is and how to clear it", (kind) => {
    expect(renderLockState({ kind, locks }, "prod", false)).toEqual({
      check: "the stack is not locked",
      ok: false,
      detail:
        "the stack is locked by root on desk (process 2) since 2026-11-23T22:00:00Z\nif that run is over or was killed, clear the lock: pulumi cancel --yes --stack prod",
    });
  });
});
