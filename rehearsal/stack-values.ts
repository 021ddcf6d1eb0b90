import { parseDocument } from "yaml";

/**
 * A stack file's text with values set by their path under `memoryloop-infra:`, such as "rollout.soakSeconds"; undefined
 * takes a value out. The rest of the text stays.
 */
export function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  for (const [path, value] of Object.entries(values)) {
    const [key = "", ...rest] = path.split(".");
    const at = ["config", `memoryloop-infra:${key}`, ...rest];
    if (value === undefined) document.deleteIn(at);
    else document.setIn(at, value);
  }
  return document.toString();
}
