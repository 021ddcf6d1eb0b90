import { text, type Properties } from "../value";

/** Labels as Docker has them. */
export function labelsToMap(labels: readonly Properties[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [text(label, "label"), text(label, "value")]));
}

/** Labels as the provider has them. */
export function mapToLabels(labels: Readonly<Record<string, string>> | null | undefined): Properties[] {
  return Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
}
