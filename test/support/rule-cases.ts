import { describe, expect, test } from "vitest";
import type { ResourceRule, StackRule } from "../../policy/rule";
import type { StackResource } from "./good-stack";
import { reportsOf } from "./policy";

/** What a rule takes and what it refuses: one resource, or the stack that a rule for stacks needs. */
export interface RuleCase {
  readonly passes: StackResource | readonly StackResource[];
  readonly fails: StackResource | readonly StackResource[];
  /** The report about what fails, without its remedy: resource, property and value. */
  readonly says: string;
}

const stackOf = (subject: RuleCase["passes"]): readonly StackResource[] => [subject].flat();

/** Tests each rule of a concern with a case of its own; a rule without one does not compile, nor pass. */
export function testRules<Name extends string>(
  concern: Readonly<Record<Name, ResourceRule | StackRule>>,
  cases: Readonly<Record<NoInfer<Name>, RuleCase>>,
): void {
  test("each rule has its case", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(concern).sort());
  });

  const rules = Object.entries<ResourceRule | StackRule>(concern);
  describe.each(rules.map(([key, rule]) => ({ rule, ...cases[key as Name] })))("$rule.name", (tested) => {
    const { rule, passes, fails, says } = tested;

    test("passes", () => {
      expect(reportsOf(rule, stackOf(passes))).toEqual([]);
    });

    test(says, () => {
      const message = `${says}.\nDo: ${rule.remediationSteps ?? ""}`;
      expect(reportsOf(rule, stackOf(fails))).toEqual([{ rule: rule.name, message }]);
    });
  });
}
