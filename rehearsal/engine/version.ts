import { z } from "zod";
import { readRepositoryFile } from "../../repository";

const packageVersion = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+$/) });

/** The version of an npm package as installed in this checkout, such as `5.2.0`. */
export const installedVersion = (name: string): string =>
  packageVersion.parse(JSON.parse(readRepositoryFile("node_modules", name, "package.json"))).version;

/** The engine that fits the program: the version of its `@pulumi/pulumi`, and any later one of the same major. */
export function isEngineVersion(required: string, found: string): boolean {
  const [major, minor, patch] = numbers(required);
  const [foundMajor, foundMinor, foundPatch] = numbers(found);
  if (foundMajor !== major) return false;
  return foundMinor > minor || (foundMinor === minor && foundPatch >= patch);
}

/** Reads `3.250.0` or `v3.250.0`. Any other text matches no version. */
function numbers(version: string): [number, number, number] {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(version.trim());
  return [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
}
