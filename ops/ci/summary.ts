import { appendFileSync } from "node:fs";
import { Redactor, environmentSecrets } from "../redact";

/** GitHub accepts 65,536 characters in a comment. The rest is for the text around the block. */
const blockLimit = 60_000;

/** The text without the secrets of the environment. */
export const redacted = (text: string, environment: NodeJS.ProcessEnv = process.env): string =>
  new Redactor(environmentSecrets(environment)).whole(text);

/** A Markdown block that the text cannot end. Of a text that is too long it has the end, which holds the result. */
export function fenced(text: string, language: string): string {
  const kept = text.length > blockLimit ? `[...]\n${text.slice(-blockLimit)}` : text;
  const longest = Math.max(2, ...[...kept.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${kept.trimEnd()}\n${fence}`;
}

/** A block with the lines that people read first, and a blank line; nothing for an empty text. */
export const quoted = (text: string): string => (text === "" ? "" : `${fenced(text, "text")}\n\n`);

/** Adds to the summary page of the job. Does nothing outside of GitHub Actions. */
export function summarize(markdown: string, environment: NodeJS.ProcessEnv = process.env): void {
  const file = environment["GITHUB_STEP_SUMMARY"];
  if (file) appendFileSync(file, `${redacted(markdown, environment)}\n`);
}
