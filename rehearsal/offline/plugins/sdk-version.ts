import { readFileSync } from "node:fs";

/** The version of the plugin that an SDK asks the engine for: its own. */
export const sdkVersion = (name: string): string =>
  (JSON.parse(readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8")) as { version: string }).version;
