import { afterEach, describe, expect, test } from "vitest";
import { examineLock, lockCheck, lockState } from "../../ops/lock";
import type { Machine } from "../../ops/stack-lock";
import { FakeEngine } from "../support/fake-engine";

const machine: Machine = { user: "root", host: "desk", isDeployJob: false, isRunning: (pid) => pid === 1 };
const lockOf = (host: string, pid: number) => ({ user: "root", host, pid, since: "2026-11-23T22:00:00Z" });
const refused = (host: string, pid: number): string =>
  `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/1.json: created by root@${host} (pid ${pid}) at 2026-11-23T22:00:00Z`;
const check = "the stack is not locked";

describe("lockState", () => {
  test.each([
    ["a name that exists: the lock was free", "error: a stack named p/prod already exists", { kind: "free" }],
    ["a process that is gone", refused("desk", 2), { kind: "abandoned", locks: [lockOf("desk", 2)] }],
    ["a process that runs", refused("desk", 1), { kind: "held", locks: [lockOf("desk", 1)] }],
    ["a process of another machine", refused("vm-1", 2), { kind: "held", locks: [lockOf("vm-1", 2)] }],
    [
      "another failure",
      "error: no stack named 'prod' found\n",
      { kind: "unknown", cause: "error: no stack named 'prod' found" },
    ],
  ])("%s", (_, output, state) => {
    expect(lockState(output, machine)).toEqual(state);
  });
});

describe("lockCheck", () => {
  const locks = [lockOf("desk", 2)];

  test("an abandoned lock that was cleared is good; the next command looks up what that run had started", () => {
    expect(lockCheck({ kind: "abandoned", locks }, "prod", true)).toEqual({
      check,
      ok: true,
      detail:
        "the lock of process 2 of this machine, which was killed after 2026-11-23T22:00:00Z is cleared. Next: pulumi up --refresh --stack prod",
    });
  });

  test.each(["abandoned", "held"] as const)("%s and not cleared: the holder, and how to clear it", (kind) => {
    expect(lockCheck({ kind, locks }, "prod", false)).toEqual({
      check,
      ok: false,
      detail: "the stack is locked by root on desk (process 2) since 2026-11-23T22:00:00Z",
      fix: "if that run has ended or was killed, clear the lock: pulumi cancel --yes --stack prod",
    });
  });
});

describe("examineLock", () => {
  let engine: FakeEngine | undefined;

  afterEach(() => {
    engine?.remove();
    engine = undefined;
  });

  const ownState = `echo '{"user":"me","url":"file:///state"}'`;

  test("takes the lock for a moment, by renaming the stack to its own name", async () => {
    engine = new FakeEngine({ whoami: ownState, stack: "echo error: a stack named prod already exists >&2; exit 1" });
    expect(await examineLock({ stack: "prod" })).toEqual({ check, ok: true, detail: "" });
    expect(engine.calls).toContain("stack rename prod --stack prod --non-interactive");
  });

  test("a state in Pulumi Cloud has no lock that stays", async () => {
    engine = new FakeEngine({ whoami: `echo '{"user":"me","url":"https://app.pulumi.com/me"}'` });
    expect(await examineLock({ stack: "prod" })).toMatchObject({ ok: true });
    expect(engine.calls).toEqual(["whoami --json --non-interactive"]);
  });

  test("an engine that fails is a result with its words", async () => {
    engine = new FakeEngine({ whoami: "echo error: no route to the bucket >&2; exit 1" });
    expect(await examineLock({ stack: "prod" })).toEqual({
      check,
      ok: false,
      detail: "the engine does not say: error: no route to the bucket",
      fix: "check that this works: pulumi stack --stack prod",
    });
  });
});
