import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { stackFile } from "../rehearsal/pulumi";
import type { World } from "../rehearsal/world/world";

/** Sets values of the world's stack file by their path under `memoryloop-infra:`; undefined takes a value out. */
export function configure(world: World, values: Readonly<Record<string, unknown>>): void {
  const document = parseDocument(readFileSync(stackFile(world), "utf8"));
  for (const [path, value] of Object.entries(values)) {
    const [key = "", ...rest] = path.split(".");
    const at = ["config", `memoryloop-infra:${key}`, ...rest];
    if (value === undefined) document.deleteIn(at);
    else document.setIn(at, value);
  }
  writeFileSync(stackFile(world), document.toString());
}
