import { expect, test } from "vitest";
import { parseLogs, renderLogs } from "../../ops/logs";

test("a log is one line an entry: when, which container, what", () => {
  const lines = parseLogs('[{"at":"2026-01-02T03:04:05Z","container":"app-11","line":"listening"}]');
  expect(renderLogs(lines)).toBe("2026-01-02T03:04:05Z app-11 listening");
});
