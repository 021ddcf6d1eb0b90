import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../host/ssh/quote";

/** Prints the state of a server: /etc and other files with checksums, units, the nftables ruleset, and Docker. */
export const readServerState = `bash -c ${quote(readFileSync(join(__dirname, "server-state.sh"), "utf8"))}`;

/** The lines of one state that the other does not have: `-` of the first one, `+` of the second one. Their order does not count. */
export function stateDifferences(before: string, after: string): string[] {
  const [earlier, later] = [before, after].map((text) => new Set(text.split("\n"))) as [Set<string>, Set<string>];
  return [
    ...[...earlier].filter((line) => !later.has(line)).map((line) => `- ${line}`),
    ...[...later].filter((line) => !earlier.has(line)).map((line) => `+ ${line}`),
  ].toSorted();
}
