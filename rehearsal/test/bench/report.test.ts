import { expect, test } from "vitest";
import { renderReport } from "../../bench/report";

test("the report names date, commit and machine, and has one line for each row", () => {
  const row = { name: "deploy", ours: "2.00 s", theirs: "1.00 s", ratio: "2.00", note: "by hand" };
  const report = renderReport([row], {
    date: new Date("2026-01-02T03:04:05Z"),
    commit: "abc1234",
    machine: "2 cores",
    measured: ["loopback"],
  });
  expect(report).toContain("on 2026-01-02, at commit abc1234. Machine: 2 cores.");
  expect(report.trimEnd().split("\n").slice(-3)).toEqual([
    "| what | ours | theirs | ratio | note |",
    "| --- | --- | --- | --- | --- |",
    "| deploy | 2.00 s | 1.00 s | 2.00 | by hand |",
  ]);
});
