import { describe, expect, test } from "vitest";
import { fenced, redacted } from "../../../ops/ci/summary";

describe("redacted", () => {
  test("blots out the values of secret variables, and a key's lines", () => {
    const key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END KEY-----";
    const environment = { GITHUB_TOKEN: "ghp_123456789", DEPLOY_SSH_KEY: key, IMAGE_TAG: "abcdefgh" };
    const text = "a ghp_123456789 b3BlbnNzaC1rZXktdjEAAAAA abcdefgh";
    expect(redacted(text, environment)).toBe("a [secret] [secret] abcdefgh");
  });
});

describe("fenced", () => {
  test("is a block that the text cannot leave", () => {
    expect(fenced("a\n```\nb\n", "diff")).toBe("````diff\na\n```\nb\n````");
  });

  test("keeps the end of what is too long", () => {
    const text = fenced(`${"x".repeat(70_000)}end`, "text");
    expect(text.length).toBeLessThan(61_000);
    expect(text).toContain("[...]");
    expect(text).toContain("end");
  });
});
