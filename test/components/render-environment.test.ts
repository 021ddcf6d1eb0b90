import { describe, expect, test } from "vitest";
import { renderEnvironment } from "../../components/render-environment";

describe("renderEnvironment", () => {
  test("sorts by name and quotes", () => {
    expect(renderEnvironment({ B: "2", A: "x y # z" })).toBe("A='x y # z'\nB='2'\n");
  });

  test("escapes $ in every kind of quote", () => {
    expect(renderEnvironment({ A: "a$b", B: "it's $5" })).toBe("A='a\\$b'\nB=`it's \\$5`\n");
  });

  test("a value with all three quotes is refused by name", () => {
    expect(() => renderEnvironment({ A: "'`\"" })).toThrow("environment variable A holds ', \" and ` at once");
  });
});
