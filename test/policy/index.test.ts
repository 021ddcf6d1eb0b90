import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { concerns, policies, rules } from "../../policy/index";

describe("rules", () => {
  test("are thirty at least, each with a name of its own", () => {
    expect(rules.length).toBeGreaterThanOrEqual(30);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  test("have their own tests in the file of their concern, where `testRules` asks for each", () => {
    expect(Object.keys(concerns).filter((name) => !existsSync(join(__dirname, `${name}.test.ts`)))).toEqual([]);
  });

  test("each say why, with its source, and what to do", () => {
    for (const { description, remediationSteps } of rules) {
      expect(description).toMatch(/^\w.+ \(.+\)$/);
      expect(remediationSteps).toBeTruthy();
    }
  });

  test("are mandatory, but for matters of taste and what the program enforces itself", () => {
    expect(policies.filter((rule) => rule.enforcementLevel !== "mandatory").map(({ name }) => name)).toEqual([
      "nginx-default-server",
      "certificate-remaining",
      "certificate-key",
      "unknown-at-preview",
    ]);
  });
});
