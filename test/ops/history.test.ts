import { describe, expect, test } from "vitest";
import { findDeployment, mergedRecords, renderDeployment, renderHistory } from "../../ops/history";
import { deployment } from "../support/deployment";

const failed = deployment({
  id: "deploy-20260102T030405000Z",
  imageTag: "c0000cc",
  status: "failed",
  previousVersion: "a0000aa",
  reason: "answered 500\nlast log lines",
  durationsMs: { start: 1200, gate: 2300 },
});
const records = [
  deployment({ id: "deploy-20260101T000000000Z", imageTag: "a0000aa" }),
  failed,
  deployment({ id: "deploy-20260103T000000000Z", imageTag: "b0000bb", status: "in_progress", completedAt: "" }),
];

describe("renderHistory", () => {
  test("newest first, one line each, with the first line of why", () => {
    expect(renderHistory(records)).toBe(
      [
        "deploy-20260103T000000000Z  b0000bb  in_progress                          me@here",
        "deploy-20260102T030405000Z  c0000cc  failed       before: a0000aa  3.5 s  me@here  answered 500",
        "deploy-20260101T000000000Z  a0000aa  success                       3.5 s  me@here",
      ].join("\n"),
    );
  });

  test("says where nothing was deployed", () => {
    expect(renderHistory([])).toBe("nothing was deployed yet: npm run up -- -c imageTag=<commit sha>");
  });
});

test.each([
  ["deploy-20260102T030405000Z", "c0000cc"],
  ["20260102", "c0000cc"],
  ["c0000", "c0000cc"],
  ["deploy-2026", "b0000bb"],
  ["nothing", undefined],
])("findDeployment %s", (text, tag) => {
  expect(findDeployment(records, text)?.imageTag).toBe(tag);
});

test("renderDeployment shows the whole record", () => {
  expect(renderDeployment(failed)).toBe(`deployment  deploy-20260102T030405000Z
image tag   c0000cc
status      failed
started     2026-01-02T03:04:05.000Z
completed   2026-01-02T03:04:08.500Z
duration    3.5 s
by          me@here
release     11
digest      sha256:${"1".repeat(64)}
before      a0000aa
steps       start 1.2 s, gate 2.3 s
reason      answered 500
            last log lines`);
});

describe("mergedRecords", () => {
  const first = deployment({ id: "deploy-1", imageTag: "a0000aa" });
  const second = deployment({ id: "deploy-2", imageTag: "b0000bb", status: "success" });

  test("of one server are its records", () => {
    expect(mergedRecords([{ server: "host", records }])).toEqual(records);
  });

  test("each deployment once, oldest first, also where a server was off", () => {
    const all = [
      { server: "host", records: [first, second] },
      { server: "third", records: [first] },
    ];
    expect(mergedRecords(all)).toEqual([first, second]);
  });

  test("a deployment that ended in several ways has a record for each, with the servers", () => {
    const reverted = { ...second, status: "rolled_back" as const, reason: "not confirmed in time" };
    const all = [
      { server: "host", records: [second] },
      { server: "second", records: [reverted] },
      { server: "third", records: [reverted] },
    ];
    expect(mergedRecords(all).map(({ status, reason }) => [status, reason])).toEqual([
      ["success", `on host: ${second.reason}`],
      ["rolled_back", "on second, third: not confirmed in time"],
    ]);
  });
});
