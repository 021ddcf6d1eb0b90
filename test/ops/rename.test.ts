import { describe, expect, test } from "vitest";
import { renamedText, variablesWith } from "../../ops/commands/rename";

const text = `# the stack of the shop
config:
  infra:app:
    # its name
    name: memoryloop
    domain: memoryloop.test
  infra:secret:
    secure: v1:abc
`;

describe("renamedText", () => {
  test("changes the name and nothing else", () => {
    expect(renamedText(text, "infra", { name: "notes" }, ["memoryloop.test"])).toBe(
      text.replace("name: memoryloop", "name: notes"),
    );
  });

  test("puts the new domain first and keeps the present ones", () => {
    expect(
      renamedText(text, "infra", { name: "notes", domain: "notes.test" }, ["memoryloop.test", "www.memoryloop.test"]),
    ).toBe(
      text
        .replace("name: memoryloop", "name: notes")
        .replace(
          "    domain: memoryloop.test\n",
          "    domains:\n      - notes.test\n      - memoryloop.test\n      - www.memoryloop.test\n",
        ),
    );
  });

  test("is the same text when it is done again", () => {
    const once = renamedText(text, "infra", { name: "notes", domain: "notes.test" }, ["memoryloop.test"]);
    const names = ["notes.test", "memoryloop.test"];
    expect(renamedText(once, "infra", { name: "notes", domain: "notes.test" }, names)).toBe(once);
  });
});

test("variablesWith names the variables whose default has the domain", () => {
  const variables = { SITE_URL: { default: "https://memoryloop.test" }, LIMIT: { default: 5 }, KEY: { secret: true } };
  expect(variablesWith("memoryloop.test", variables)).toEqual(["SITE_URL"]);
  expect(variablesWith("memoryloop.test", undefined)).toEqual([]);
});
