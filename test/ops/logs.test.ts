import { describe, expect, test } from "vitest";
import { parseLogs, renderLogs } from "../../ops/logs";

const printed = (line: string): string => JSON.stringify([{ at: "2026-01-02T03:04:05Z", container: "app-11", line }]);

describe("parseLogs", () => {
  test("removes terminal escape sequences, so that JSON output has none either", () => {
    expect(parseLogs(printed("\x1b[31mfailed\x1b[0m"))).toEqual([
      { at: "2026-01-02T03:04:05Z", container: "app-11", line: "failed" },
    ]);
  });
});

describe("renderLogs", () => {
  test("one line for each entry: time, container, text", () => {
    expect(renderLogs(parseLogs(printed("listening")))).toBe("2026-01-02T03:04:05Z app-11 listening");
  });

  test("says when there is nothing", () => {
    expect(renderLogs([])).toBe("the app has logged nothing in the journal of the server");
  });
});
