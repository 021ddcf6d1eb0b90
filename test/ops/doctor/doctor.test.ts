import { expect, test } from "vitest";
import { renderChecks } from "../../../ops/check";
import { lineCheck, sourceChecks } from "../../../ops/commands/doctor";

test("a warning has a mark of its own", () => {
  expect(renderChecks([{ check: "updates", ok: true, warn: true, detail: "3 pending", fix: "upgrade" }])).toBe(
    "warn  updates: 3 pending\n      Fix: upgrade",
  );
});

test("a line that fails is a failed check; a warning passes, with its fix; a fact without a judgement is no check", () => {
  expect(lineCheck({ topic: "disk", level: "fail", text: "full", fix: "remove" })).toEqual([
    { check: "disk", ok: false, warn: false, detail: "full", fix: "remove" },
  ]);
  expect(lineCheck({ topic: "updates", level: "warn", text: "3 pending", fix: "upgrade" })).toEqual([
    { check: "updates", ok: true, warn: true, detail: "3 pending", fix: "upgrade" },
  ]);
  expect(lineCheck({ topic: "server", level: "info", text: "up 3 days" })).toEqual([]);
});

test("a source that does not answer is a failed check", () => {
  const failure = { ok: false as const, cause: "connection lost", fix: "try again" };
  expect(sourceChecks("the backups can be listed", failure, () => [])).toEqual([
    { check: "the backups can be listed", ok: false, detail: "connection lost", fix: "try again" },
  ]);
});
