import { readFileSync, writeFileSync } from "node:fs";
import { stackFile } from "../pulumi";
import { withValues } from "../stack-values";
import type { World } from "../world/world";

/** Sets values of the world's stack file. */
export function configure(world: World, values: Readonly<Record<string, unknown>>): void {
  const file = stackFile(world);
  writeFileSync(file, withValues(readFileSync(file, "utf8"), values));
}
