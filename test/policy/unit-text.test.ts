import { describe, expect, test } from "vitest";
import { parseUnit } from "../../policy/unit-text";

const assignmentsIn = (text: string): string[] =>
  parseUnit(text).map(({ line, section, key, value }) => `${line} [${section}] ${key}=${value}`);

describe("parseUnit", () => {
  test("reads sections, assignments and comments", () => {
    expect(assignmentsIn("# a\n[Unit]\nDescription=b c\n; d\n\n[Service]\n ExecStart = /e f \n")).toEqual([
      "3 [Unit] Description=b c",
      "7 [Service] ExecStart=/e f",
    ]);
  });

  test("joins continued lines, also over a comment", () => {
    expect(assignmentsIn("[Service]\nExecStart=/a \\\n# b\n  c\nNice=10\n")).toEqual([
      "2 [Service] ExecStart=/a    c",
      "5 [Service] Nice=10",
    ]);
  });

  test("keeps an empty value, which resets a list", () => {
    expect(assignmentsIn("[Service]\nExecStart=\n")).toEqual(["2 [Service] ExecStart="]);
  });
});
