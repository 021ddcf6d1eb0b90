import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRepositoryFile, repositoryRoot } from "../../repository";

const pages = ["README.md", "CONTRIBUTING.md"].concat(
  ["docs", "docs/decisions"].flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder)).flatMap((name) => (name.endsWith(".md") ? [`${folder}/${name}`] : [])),
  ),
);

/** Files of this repository that a page names in backticks. */
const named = (page: string): string[] =>
  [
    ...readRepositoryFile(...page.split("/")).matchAll(
      /`((?:components|config|github|host|ops|policy|provider|rehearsal|test)\/[\w./-]+\.(?:ts|sh|yml|md))`/g,
    ),
  ].map(([, path = ""]) => path);

test.each(pages)("%s names only files that exist", (page) => {
  expect(named(page).filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
});
