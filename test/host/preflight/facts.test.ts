import { describe, expect, test } from "vitest";
import { hostProblems, parseFacts } from "../../../host/preflight/facts";

const facts = parseFacts("free_mb=9000\nfullest=/\nactive=\n");

describe("hostProblems", () => {
  test("a server with room has none", () => {
    expect(hostProblems(facts)).toEqual([]);
  });

  test("a full file system is named, with the command that shows its use", () => {
    expect(hostProblems({ ...facts, free_mb: 100, fullest: "/opt" })).toEqual([
      "100 MB are free on /opt, 2048 are needed: `du -xh /opt | sort -h | tail` shows what takes them",
    ]);
  });
});
