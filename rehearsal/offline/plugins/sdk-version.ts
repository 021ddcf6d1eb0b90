import { readFileSync } from "node:fs";

/**
 * The version of the plugin that an SDK asks the engine for: its own, or that of the plugin it is a parameter of.
 */
export function sdkVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8")) as {
    version: string;
    pulumi?: { version?: string; parameterization?: unknown };
  };
  return manifest.pulumi?.parameterization === undefined ? manifest.version : (manifest.pulumi.version ?? "");
}
