import { describe, expect, test } from "vitest";
import { renderSize, renderStatus } from "../../ops/render";

describe("renderSize", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [5 * 1024 ** 3, "5 GiB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(renderSize(bytes)).toBe(text);
  });
});

describe("renderStatus", () => {
  test("says so where nothing serves and nothing is saved", () => {
    const list = {
      backups: null,
      problem: "no route",
      lastRun: null,
      lastVerified: null,
      lastDrill: null,
      timers: { daily: true, watch: true, drill: true },
      changeInterrupted: false,
      setAside: [],
      now: "2026-11-02T04:30:00Z",
    };
    expect(renderStatus("", list)).toBe(
      "serving        nothing\nlast verified  none by this host\nlast drill     none by this host\nthe bucket does not answer: no route",
    );
  });
});
