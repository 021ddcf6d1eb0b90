import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readRepositoryFile, repositoryRoot } from "../repository";

/** Where the names of an app and of its services may occur. The tests deploy sample apps, and CHANGELOG.md names what was. */
const allowed = [
  /^Pulumi\.[^/]+\.yaml$/,
  /^(docs|rehearsal|test)\//,
  /^CHANGELOG\.md$/,
  // The kind of data: its scripts, and the layout of its data in earlier versions.
  /^rootfs\/backups\/.*\/kinds\/lancedb\.(mjs|sh)$/,
  /^host\/data\/former-layout\.ts$/,
];

/** The names of this program and of its rehearsal are not the name of the app. */
const withoutOwnNames = (text: string): string => text.replaceAll(/memoryloop-(infra|rehearsal)/g, "");

const files = (): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file !== "" && !allowed.some((place) => place.test(file)));

test.each(["MemoryLoop", "LanceDB", "Anthropic", "Sentry"])("no file of the program names %s", (name) => {
  const found = files().flatMap((file) =>
    withoutOwnNames(readRepositoryFile(file))
      .split("\n")
      .flatMap((line, index) =>
        line.toLowerCase().includes(name.toLowerCase()) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});
