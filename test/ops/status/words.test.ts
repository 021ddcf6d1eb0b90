import { expect, test } from "vitest";
import { daysBetween, renderAgo, renderCount, renderIn, renderSpan } from "../../../ops/status/words";

test.each([
  [-5, "0 s"],
  [59.9, "59 s"],
  [60, "1 minute"],
  [7199, "1 hour"],
  [86_400 * 2, "2 days"],
])("%s seconds", (seconds, text) => {
  expect(renderSpan(seconds)).toBe(text);
});

test("times apart", () => {
  expect(renderAgo("2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z")).toBe("3 hours ago");
  expect(renderIn("2026-01-01T03:00:00Z", "2026-01-01T00:00:00Z")).toBe("in 3 hours");
  expect(daysBetween("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")).toBe(-1);
  expect(renderCount(1, "restart")).toBe("1 restart");
});
