import { expect, test } from "vitest";
import { median, ratio, seconds } from "../../bench/statistics";
import { renderTable } from "../../bench/table";

test("the median is the middle value, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(3);
  expect(() => median([])).toThrow("no values: a median needs one at least");
});

test("figures have their unit", () => {
  expect(seconds(4123)).toBe("4.12 s");
  expect(ratio(3, 2)).toBe("1.50");
});

test("a table has a head and a line for each row", () => {
  const row = { name: "deploy", ours: "4.12 s", theirs: "3.00 s", ratio: "1.37", note: "of 5" };
  expect(renderTable([row])).toBe(
    "| what | ours | theirs | ratio | note |\n| --- | --- | --- | --- | --- |\n| deploy | 4.12 s | 3.00 s | 1.37 | of 5 |",
  );
});
