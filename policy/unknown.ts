import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { ResourceRule } from "./rule";

/**
 * Advice for each resource with values that rules judge and a preview cannot know, such as what derives from the id of a
 * release to come: one line for a resource, not one for each rule. At `up` the same rules judge the same values, known by
 * then, before the resource is touched.
 */
export const unknownAtPreview = (rules: readonly ResourceRule[]): ResourceValidationPolicy => ({
  name: "unknown-at-preview",
  description: "What a preview cannot know is judged at `pulumi up`, before anything is changed",
  enforcementLevel: "advisory",
  validateResource: (resource, report) => {
    const waiting = rules.map(({ unknowns }) => unknowns(resource)).filter((paths) => paths.length > 0);
    const paths = [...new Set(waiting.flat())].join(", ");
    if (waiting.length > 0) report(`${resource.name}: ${paths}, for ${waiting.length} rules`);
  },
});
