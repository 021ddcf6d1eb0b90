import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policies, rules } from "../../policy/index";
import { repositoryRoot } from "../../repository";

const read = (file: string): string => readFileSync(join(repositoryRoot, file), "utf8");

/** The pages of docs/ that a rule names, each with the sections that it names. */
const pagesOf = (description: string): { file: string; sections: string[] }[] =>
  [...description.matchAll(/(docs\/[\w/-]+\.md)(?: sections? ([\d and,]+))?/g)].map(([, file = "", sections = ""]) => ({
    file,
    sections: sections.match(/\d+/g) ?? [],
  }));

describe("rules", () => {
  test("have names of their own in one form", () => {
    const names = rules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)+$/.test(name))).toEqual([]);
  });

  test("are exported by the file of their concern, and every file of a concern is in the pack", () => {
    const files = readdirSync(join(repositoryRoot, "policy")).flatMap((name) => /^(.+)\.ts$/.exec(name)?.[1] ?? []);
    const declared = files.flatMap((file) => [...read(`policy/${file}.ts`).matchAll(/^ {2}name: "([a-z-]+)",$/gm)]);
    // This one is made from all the others.
    const made = ["unknown-at-preview"];
    expect(declared.flatMap(([, name = ""]) => (made.includes(name) ? [] : [name])).sort()).toEqual(
      rules.map(({ name }) => name).sort(),
    );
  });

  test.each(rules)("$name has a reason, a source in parentheses and a fix", ({ description, remediationSteps }) => {
    expect(description).toMatch(/^([A-Z`]|sshd |nginx |certbot )[^]{20,}[^.] \(.+\)$/);
    expect(remediationSteps).toMatch(/^[a-z`].{10,}[^.]$/);
  });

  test.each(rules)("$name names pages and sections that exist", ({ description }) => {
    for (const { file, sections } of pagesOf(description)) {
      expect(existsSync(join(repositoryRoot, file)), file).toBe(true);
      for (const section of sections) expect(read(file)).toMatch(new RegExp(`^## ${section}\\. `, "m"));
    }
  });

  test("are mandatory, except for warnings about what an update corrects or checks itself", () => {
    const advisory = policies.filter(({ enforcementLevel }) => enforcementLevel !== "mandatory");
    expect(advisory.map(({ name }) => name)).toEqual(["certificate-remaining", "unknown-at-preview"]);
  });
});
