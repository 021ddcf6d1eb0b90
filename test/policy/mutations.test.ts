import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { policies, rules } from "../../policy/index";
import { setStackSettings } from "../../policy/stack-settings";
import { resource, type Attack, type Attacks, type Mutable } from "../support/attack";
import { goodStack, type GoodStack, type StackResource } from "../support/good-stack";
import { reportsOf, unknown, type Report } from "../support/policy";
import { containerAttacks } from "./attacks/container";
import { fileAttacks } from "./attacks/files";
import { formatAttacks } from "./attacks/formats";
import { resourceAttacks } from "./attacks/resources";
import { serviceAttacks } from "./attacks/services";

// The program runs from its sources here, so an old dist/ does no harm.
vi.mock(import("../../repository"), async (original) => ({
  ...(await original()),
  assertBuildIsCurrent: () => undefined,
}));

const attacks: Attacks = {
  ...resourceAttacks,
  ...containerAttacks,
  ...fileAttacks,
  ...formatAttacks,
  ...serviceAttacks,
};

let good: GoodStack;

beforeAll(async () => {
  good = await goodStack();
  setStackSettings(good.settings);
}, 60_000);

/** A rule for single resources reports about a resource only what is in it, so the unchanged ones are left out. */
function reportsAbout(stack: readonly StackResource[]): Report[] {
  const changed = stack.filter((candidate, index) => !isDeepStrictEqual(candidate, good.resources[index]));
  return rules.flatMap((rule) => reportsOf(rule, "validateStack" in rule ? stack : changed));
}

function reportsAfter(attack: Attack): Report[] {
  const stack = structuredClone(good.resources) as Mutable[];
  attack(stack);
  return reportsAbout(stack);
}

test("the pack reports nothing about the program as it is", () => {
  expect(policies.flatMap((policy) => reportsOf(policy, good.resources))).toEqual([]);
});

test("each rule has an attack", () => {
  expect(Object.keys(attacks).sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(Object.entries(attacks))("%s", (name, ofRule) => {
  test.each(Object.entries(ofRule))("alone reports: %s", (_, attack) => {
    const reported = new Set(reportsAfter(attack).map(({ rule }) => rule));
    expect([...reported]).toEqual([name]);
  });
});

/** Other changes of the program must not change the snapshot. */
const withoutLineNumbers = (text: string): string => text.replaceAll(/ line \d+/g, " line N");

test("each message says what is wrong and how to fix it", async () => {
  const messages = Object.values(attacks).map((ofRule) =>
    Object.values(ofRule).flatMap((attack) => reportsAfter(attack).map(({ message }) => message)),
  );
  for (const message of messages.flat()) expect(message).toMatch(/^[a-z-]+: .+ is .+\.\nFix: .+$/s);
  const firsts = messages.map(([first = ""]) => withoutLineNumbers(first));
  await expect(`${firsts.join("\n\n")}\n`).toMatchFileSnapshot("messages.txt");
}, 120_000);

describe("a value that a preview does not know", () => {
  const advice = policies.filter(({ name }) => name === "unknown-at-preview");
  const names = ["memoryloop", "site-files", "rollout-release", "backups-key", "certificate-lineage"];

  test.each(names)("of %s makes no rule fail, and is listed", (name) => {
    for (const property of Object.keys(good.resources.find((candidate) => candidate.name === name)?.props ?? {})) {
      const stack = structuredClone(good.resources) as Mutable[];
      (resource(stack, name).props as Record<string, unknown>)[property] = unknown;
      expect(reportsAbout(stack)).toEqual([]);
      const [listed] = advice.flatMap((policy) => reportsOf(policy, [resource(stack, name)]));
      if (property !== "__defaults") expect(listed?.message).toContain(`${name}: ${property}`);
    }
  });

  test("hides no violation beside it", () => {
    const reports = reportsAfter((stack) => {
      const { mounts } = resource(stack, "memoryloop").props as { mounts: { source: string }[] };
      for (const [index, source] of [unknown, "/etc"].entries()) Object.assign(mounts[index] ?? {}, { source });
    });
    expect(reports.map(({ message }) => message.split("\n")[0])).toEqual([
      expect.stringMatching(/^container-mounts: memoryloop: mounts\[1\] is .*"\/etc"/),
    ]);
  });
});

describe("a limit", () => {
  test("comes from the pack's configuration", () => {
    const limits = rules.filter(({ name }) => name === "rollout-limits");
    expect(limits.map(({ configSchema }) => configSchema?.properties["drainSecondsMinimum"])).toEqual([
      { type: "number", default: 10 },
    ]);
    expect(limits.flatMap((rule) => reportsOf(rule, good.resources, { drainSecondsMinimum: 60 }))).toHaveLength(1);
  });
});
