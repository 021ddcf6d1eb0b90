import { readRepositoryFile } from "../repository";

const placeholder = /\{\{(\w+)\}\}/g;

/**
 * Fills `{{name}}` placeholders.
 * @throws Error when a placeholder has no value, or a value no placeholder: both are slips of the pen.
 */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  const used = new Set([...text.matchAll(placeholder)].map(([, name = ""]) => name));
  const missing = [...used].filter((name) => !(name in values));
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`the template has no value for ${missing.join(", ")}`);
  if (unused.length > 0) throw new Error(`the template has no place for ${unused.join(", ")}`);
  return text.replaceAll(placeholder, (_, name: string) => values[name] ?? "");
}

/** A template file under `host/`, filled. @throws Error as `fillTemplate`. */
export const renderTemplate = (path: readonly string[], values: Readonly<Record<string, string>>): string =>
  fillTemplate(readRepositoryFile("host", ...path), values);
