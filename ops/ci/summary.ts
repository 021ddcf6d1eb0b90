import { appendFileSync } from "node:fs";

/** GitHub takes 65,536 characters in a comment; the frame around the text needs a few. */
const commentLimit = 60_000;

/** Whether a variable's name says that its value is not for others. */
const isSecretName = (name: string): boolean =>
  /KEY|TOKEN|PASSPHRASE|SECRET|PASSWORD/.test(name) && !/KEY_ID$/.test(name);

/** The text with every secret of the environment blotted out: GitHub masks its log, but neither comments nor summaries. */
export function redacted(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  const secrets = Object.entries(environment).flatMap(([name, value]) =>
    isSecretName(name) && value && value.length >= 8
      ? [value, ...value.split("\n").filter((line) => line.length >= 20)]
      : [],
  );
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** A fenced block of Markdown that the text cannot leave, cut to what fits, its end kept: there is the result. */
export function fenced(text: string, language: string): string {
  const kept = text.length > commentLimit ? `[...]\n${text.slice(-commentLimit)}` : text;
  const longest = Math.max(2, ...[...kept.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${kept.trimEnd()}\n${fence}`;
}

/** Adds to the job's summary page; in a terminal there is none. */
export function summarize(markdown: string, environment: NodeJS.ProcessEnv = process.env): void {
  const file = environment["GITHUB_STEP_SUMMARY"];
  if (file) appendFileSync(file, `${redacted(markdown, environment)}\n`);
}
