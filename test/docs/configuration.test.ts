import { expect, test } from "vitest";
import { renderConfiguration } from "../../docs/configuration";
import { readRepositoryFile } from "../../repository";

test("docs/configuration.md is what `npm run docs:configuration` makes of config.ts", async () => {
  expect(readRepositoryFile("docs", "configuration.md")).toBe(await renderConfiguration());
});
