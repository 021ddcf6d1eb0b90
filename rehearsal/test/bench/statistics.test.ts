import { expect, test } from "vitest";
import { median, ratio, seconds } from "../../bench/statistics";

test("the median of an odd count is the middle value, in any order", () => {
  expect(median([9, 1, 5])).toBe(5);
});

test("the median of an even count is the mean of the two middle values", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([20, 10])).toBe(15);
});

test("no values have no median", () => {
  expect(() => median([])).toThrow();
});

test("a figure has a unit", () => {
  expect(seconds(4123)).toBe("4.12 s");
  expect(ratio(3, 2)).toBe("1.50");
});
