import { describe, expect, test } from "vitest";
import { fillTemplate } from "../../host/template";

describe("fillTemplate", () => {
  test("puts the values in, as they are", () => {
    expect(fillTemplate("a {{x}} {{y}} {{x}}", { x: "$& $1", y: "{{z}}" })).toBe("a $& $1 {{z}} $& $1");
  });

  test("refuses a placeholder without a value", () => {
    expect(() => fillTemplate("{{x}} {{y}}", { x: "" })).toThrow("no value for y");
  });

  test("refuses a value without a placeholder", () => {
    expect(() => fillTemplate("{{x}}", { x: "", y: "" })).toThrow("no place for y");
  });

  test("leaves nginx's and systemd's own signs alone", () => {
    expect(fillTemplate("$host ${TARGET} %i { }", {})).toBe("$host ${TARGET} %i { }");
  });
});
