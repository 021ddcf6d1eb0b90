// Reports phrases that the documents, messages and comments must not use, each with a better one.
// Usage: node .ci/words.mjs [file...]    Without files: every file that git tracks or is about to.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const endings = new Set([".ts", ".mts", ".mjs", ".cjs", ".js", ".sh", ".md", ".yml", ".yaml", ".service", ".nft", ""]);
// The glossary and the list itself have to name the phrases. Recordings and the changelog's links are not ours to rewrite.
const exempt =
  /^(test\/ci\/words\.test\.ts$|docs\/glossary\.md|\.ci\/(words\.mjs|forbidden-phrases\.json)|rehearsal\/recordings\/.*\.jsonl|rehearsal\/app\/package)/;

const phrases = Object.entries(
  JSON.parse(readFileSync(fileURLToPath(new URL("forbidden-phrases.json", import.meta.url)), "utf8")),
);

/** A phrase may be broken across lines, each of which may begin with a comment's mark. */
const gap = String.raw`[ \t]*(?:\s(?:[ \t]*(?:\*|//|#|>)?[ \t]*)?)`;

/** A pattern that begins with a capital letter is about the beginning of a sentence, so its case counts. */
function expressionOf(pattern) {
  const flags = /^[A-Z]/.test(pattern) ? "g" : "gi";
  const start = flags === "g" ? String.raw`(?<=(?:^|[.!?:]|\*|//|#|\|)[ \t]+|["'\x60])` : String.raw`\b`;
  return new RegExp(`${start}(?:${pattern.replaceAll(" ", gap)})\\b`, `${flags}m`);
}

const rules = phrases.map(([pattern, better]) => ({ expression: expressionOf(pattern), better }));

const lineOf = (text, index) => text.slice(0, index).split("\n").length;

const findingsIn = (file, text) =>
  rules.flatMap(({ expression, better }) =>
    [...text.matchAll(expression)].map(({ 0: found, index }) => ({
      line: lineOf(text, index),
      text: `${file}:${lineOf(text, index)}: "${found.replaceAll(/\s+[*/#>\s]*/g, " ")}": write ${better}`,
    })),
  );

const tracked = () =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && endings.has(extname(file)) && !exempt.test(file))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());

const files = process.argv.length > 2 ? process.argv.slice(2) : tracked();
const findings = files.flatMap((file) => findingsIn(file, readFileSync(file, "utf8")).sort((a, b) => a.line - b.line));
for (const { text } of findings) console.log(text);
if (findings.length > 0) {
  console.log(
    `${findings.length} forbidden phrase(s) in ${files.length} files; the list is .ci/forbidden-phrases.json`,
  );
  process.exitCode = 1;
}
