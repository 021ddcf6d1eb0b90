/** One assignment in a systemd unit. */
export interface Assignment {
  readonly line: number;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Lines with their continuations joined. systemd skips comments between the lines of a continuation. */
function logicalLines(text: string): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  let pending: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    const joined = { line: pending?.line ?? index + 1, text: `${pending?.text ?? ""}${raw}` };
    pending = joined.text.endsWith("\\") ? { line: joined.line, text: `${joined.text.slice(0, -1)} ` } : undefined;
    if (!pending) lines.push(joined);
  }
  return pending ? [...lines, pending] : lines;
}

/** Reads a systemd unit: sections, assignments, comments and continued lines. */
export function parseUnit(text: string): Assignment[] {
  const assignments: Assignment[] = [];
  let section = "";
  for (const { line, text: content } of logicalLines(text)) {
    const header = /^\s*\[(.+)\]\s*$/.exec(content)?.[1];
    if (header !== undefined) section = header;
    const [, key, value] = /^\s*([A-Za-z0-9-]+)\s*=\s*(.*?)\s*$/s.exec(content) ?? [];
    if (header === undefined && key !== undefined && value !== undefined)
      assignments.push({ line, section, key, value });
  }
  return assignments;
}
