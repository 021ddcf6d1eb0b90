import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { ResourceRule } from "./rule";

/**
 * Warns about each resource with values that rules check and a preview does not know, such as values that depend on the id
 * of a new release. One line for each resource, not for each rule. At `up` the same rules check these values before the
 * resource changes.
 */
export const unknownAtPreview = (rules: readonly ResourceRule[]): ResourceValidationPolicy => ({
  name: "unknown-at-preview",
  description: "A value that a preview does not know is checked at `pulumi up`, before the resource changes",
  enforcementLevel: "advisory",
  validateResource: (resource, report) => {
    const waiting = rules.map(({ unknowns }) => unknowns(resource)).filter((paths) => paths.length > 0);
    const paths = [...new Set(waiting.flat())].join(", ");
    if (waiting.length > 0) report(`unknown-at-preview: ${resource.name}: ${paths} (${waiting.length} rules wait).`);
  },
});
