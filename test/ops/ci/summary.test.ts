import { describe, expect, test } from "vitest";
import { fenced, redacted } from "../../../ops/ci/summary";

describe("redacted", () => {
  test("has the secrets of the environment replaced", () => {
    expect(redacted("a ghp_123456789", { GITHUB_TOKEN: "ghp_123456789" })).toBe("a [secret]");
  });
});

describe("fenced", () => {
  test("is a block that the text cannot end", () => {
    expect(fenced("a\n```\nb\n", "diff")).toBe("````diff\na\n```\nb\n````");
  });

  test("keeps the end of a text that is too long", () => {
    const text = fenced(`${"x".repeat(70_000)}end`, "text");
    expect(text.length).toBeLessThan(61_000);
    expect(text).toContain("[...]");
    expect(text).toContain("end");
  });
});
