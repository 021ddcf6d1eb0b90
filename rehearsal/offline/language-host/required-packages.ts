import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";

const sdkSchema = z.object({
  resource: z.literal(true),
  name: z.string(),
  version: z.string(),
  server: z.string().default(""),
});

/** A plugin that a program needs. */
export type RequiredPackage = z.output<typeof sdkSchema>;

/** The content of a package.json; nothing when it is missing, because the program itself reports that better. */
function manifestOf(find: NodeJS.Require, name: string): { dependencies?: Record<string, string>; pulumi?: unknown } {
  try {
    return JSON.parse(readFileSync(find.resolve(name), "utf8")) as object;
  } catch {
    return {};
  }
}

/**
 * The plugins that the SDKs among a program's own dependencies ask for. The engine takes what a language host reports for
 * the default of each package; of a host that reports nothing it takes what the state says, and that is another answer
 * at a package's second update than at its first.
 */
export function requiredPackages(folder: string): RequiredPackage[] {
  const find = createRequire(join(folder, "index.js"));
  const { dependencies = {} } = manifestOf(find, "./package.json");
  return Object.keys(dependencies)
    .filter((name) => name.startsWith("@pulumi/"))
    .flatMap((name) => sdkSchema.safeParse(manifestOf(find, `${name}/package.json`).pulumi).data ?? []);
}
