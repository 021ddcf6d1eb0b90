import { describe, expect, test } from "vitest";
import { renderHistory } from "../../ops/history";
import { deployment } from "../support/deployment";

describe("renderHistory", () => {
  test("newest first, in columns, with the first line of why", () => {
    const records = [
      deployment({ imageTag: "a0000aa" }),
      deployment({
        imageTag: "latest",
        status: "failed",
        previousVersion: "a0000aa",
        reason: "answered 500\nlast log lines",
      }),
      deployment({ imageTag: "b0000bb", status: "in_progress", completedAt: "", previousVersion: "a0000aa" }),
    ];
    expect(renderHistory(records)).toBe(
      [
        "2026-01-02T03:04:05.000Z  b0000bb  in_progress  before: a0000aa         me@here",
        "2026-01-02T03:04:05.000Z  latest   failed       before: a0000aa  3.5 s  me@here",
        "    answered 500",
        "2026-01-02T03:04:05.000Z  a0000aa  success                       3.5 s  me@here",
      ].join("\n"),
    );
  });

  test("says where nothing was deployed", () => {
    expect(renderHistory([])).toBe("nothing was deployed yet: pulumi up -c imageTag=<commit sha>");
  });
});
