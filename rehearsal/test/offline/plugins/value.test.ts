import { describe, expect, test } from "vitest";
import { Secret, unknown, hasUnknown, plainProperties, sameValue, type Value } from "../../../offline/plugins/value";

describe("plainProperties", () => {
  test("opens secrets at any depth and drops what is undefined", () => {
    expect(plainProperties({ a: new Secret([new Secret("b")]), c: undefined })).toEqual({ a: ["b"] });
  });
});

describe("hasUnknown", () => {
  test.each<[boolean, Value | undefined]>([
    [true, unknown],
    [true, new Secret([unknown])],
    [true, { a: { b: unknown } }],
    [false, { a: [null, "x"] }],
    [false, undefined],
  ])("is %s", (expected, value) => {
    expect(hasUnknown(value)).toBe(expected);
  });
});

describe("sameValue", () => {
  test("looks at content, not at order of keys or secrecy", () => {
    expect(sameValue({ a: 1, b: new Secret(2) }, { b: 2, a: 1 })).toBe(true);
  });

  test("an unknown equals nothing, not even itself", () => {
    expect(sameValue(unknown, unknown)).toBe(false);
  });
});
