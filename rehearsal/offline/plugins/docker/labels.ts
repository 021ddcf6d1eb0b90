import { text, type Properties } from "../value";

/** Labels as Docker has them. */
export const labelsToMap = (labels: readonly Properties[]): Record<string, string> =>
  Object.fromEntries(labels.map((label) => [text(label, "label"), text(label, "value")]));

/** Labels as the provider has them. */
export const mapToLabels = (labels: Readonly<Record<string, string>> | null | undefined): Properties[] =>
  Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
