import { hostname, userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import { up } from "../../../ops/ci/up";
import { FakeEngine } from "../../support/fake-engine";

const stack = "organization/memoryloop-infra/prod";
const configuration = JSON.stringify({
  "memoryloop-infra:app": { value: "{}", secret: false },
  "memoryloop-infra:ANTHROPIC_API_KEY": { value: "configured-secret", secret: true },
});
const lockedBy = (user: string, host: string): string =>
  `echo "error: the stack is currently locked by 1 lock(s). Either wait" >&2
   echo "  file:///state/1.json: created by ${user}@${host} (pid 4194305) at 2026-11-23T22:00:00Z" >&2; exit 1`;

let engine: FakeEngine;
let stderr: MockInstance<typeof process.stderr.write>;

function start(answers: Readonly<Record<string, string>>): void {
  engine = new FakeEngine({ config: `echo '${configuration}'`, stack: "echo '{}'", ...answers });
}
const shown = (): string => stderr.mock.calls.map(([text]) => String(text)).join("");
/** The commands of the engine, without those that export the state. */
const commands = (): string[] =>
  engine.calls.map((call) => call.split(" ")[0] ?? "").filter((command) => command !== "stack");

beforeEach(() => {
  stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(() => {
  stderr.mockRestore();
  engine.remove();
});

describe("up", () => {
  test("shows and returns no secret of the stack's configuration", async () => {
    start({ up: "echo 'ANTHROPIC_API_KEY=configured-secret'; exit 4" });
    expect(await up(stack, "4f2c1e9")).toEqual({ code: 4, output: "ANTHROPIC_API_KEY=[secret]\n" });
    expect(shown()).toBe("ANTHROPIC_API_KEY=[secret]\n");
  });

  test("clears the lock of a process of this machine that is gone, and tries once more", async () => {
    start({ up: lockedBy(userInfo().username, hostname()) });
    expect((await up(stack, "4f2c1e9")).code).toBe(1);
    expect(commands()).toEqual(["config", "up", "cancel", "up"]);
  });

  test("leaves the lock of another machine, and names its holder", async () => {
    start({ up: lockedBy("somebody", "elsewhere") });
    expect((await up(stack, "4f2c1e9")).code).toBe(1);
    expect(commands()).toEqual(["config", "up"]);
    expect(shown()).toContain("the stack is locked by somebody on elsewhere (process 4194305)");
    expect(shown()).toContain(`clear the lock: pulumi cancel --yes --stack ${stack}`);
  });

  test("runs nothing when the secrets cannot be read", async () => {
    start({ config: "echo error: incorrect passphrase >&2; exit 1" });
    await expect(up(stack, "4f2c1e9")).rejects.toThrow("incorrect passphrase");
    expect(commands()).toEqual(["config"]);
  });
});
