import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRepositoryFile, repositoryRoot } from "../../repository";

/** The symptoms of "When something went wrong", as the page words them. */
const symptoms = [
  ...(
    readRepositoryFile("docs", "operations.md").split("## When something went wrong")[1]?.split("\n## ")[0] ?? ""
  ).matchAll(/^- \*\*(.+?)\*\*/gm),
].map(([, symptom = ""]) => symptom.replace(/\.$/, ""));

/** The test that exercises each symptom: its file, and words of the test's name. */
const exercised: Readonly<Record<string, readonly [file: string, words: string]>> = {
  "A deployment failed": ["test/integration/truth.test.ts", "names the active tag and the next command"],
  "`pulumi` was killed, or the laptop is lost": [
    "test/integration/killed.test.ts",
    "the site stays up, and up again converges",
  ],
  '"held by ..."': ["test/integration/killed.test.ts", "one rolls out; the other names the lock holder and stops"],
  "An image tag is refused because it was rolled back": [
    "test/integration/rollback.test.ts",
    "of that tag is still refused",
  ],
  '"the stack is currently locked"': [
    "test/ops/ci/up.test.ts",
    "leaves the lock of another machine, and names its holder",
  ],
  "The server restarted": ["test/integration/restart.test.ts", "serves again without any action"],
  "The server is lost": [
    "test/integration/backup.test.ts",
    "restores the data on a new server, and the site serves it",
  ],
  "The host key is not the pinned one": [
    "test/integration/bad-input.test.ts",
    "a server whose host key is not the pinned one",
  ],
  "The disk is full": [
    "test/integration/disk-full.test.ts",
    "a deployment fails with the cause, the active release serves",
  ],
  "Alert: no verified backup for two days": [
    "test/integration/backup-days.test.ts",
    "and the alerts are right on every day",
  ],
  "A table cannot be opened after a power failure": [
    "test/integration/backup.test.ts",
    "names a table whose newest manifest was lost in a power cut",
  ],
  "The certificate is not renewed": [
    "test/provider/resources/certificate.test.ts",
    "one that runs short is renewed by force",
  ],
};

/** The names of the tests of a file. */
const namesIn = (file: string): string =>
  [
    ...readRepositoryFile(...file.split("/")).matchAll(
      /(?:test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*["'`](.+?)["'`],/gs,
    ),
  ]
    .map(([, name]) => name)
    .join("\n");

describe("each symptom of docs/operations.md has a test", () => {
  test("the list has every symptom", () => {
    expect(Object.keys(exercised)).toEqual(symptoms);
  });

  test.each(Object.entries(exercised))("%s", (_, [file, words]) => {
    expect(existsSync(join(repositoryRoot, file))).toBe(true);
    expect(namesIn(file)).toContain(words);
  });
});
