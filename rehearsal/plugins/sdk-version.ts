import { readFileSync } from "node:fs";

/** The version of the SDK a plugin stands in for: the engine asks for a plugin of just that version. */
export function sdkVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
