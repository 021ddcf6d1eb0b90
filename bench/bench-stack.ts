import { readFileSync, writeFileSync } from "node:fs";
import { stackFile } from "../rehearsal/pulumi";
import { withValues } from "../rehearsal/stack-values";
import type { World } from "../rehearsal/world/world";

/** Sets values of the world's stack file. */
export function configure(world: World, values: Readonly<Record<string, unknown>>): void {
  const file = stackFile(world);
  writeFileSync(file, withValues(readFileSync(file, "utf8"), values));
}
