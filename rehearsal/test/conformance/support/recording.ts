import { readFileSync } from "node:fs";
import path from "node:path";

/** One call of the engine to a real plugin, with the plugin's answer. */
export interface Recorded {
  readonly phase: string;
  readonly method: string;
  readonly request: Json;
  readonly response: Json;
}

export type Json = Readonly<Record<string, unknown>>;

const folder = path.resolve(__dirname, "../../../recordings");

/** The calls that a file of rehearsal/recordings/ holds, in order. */
export function recording(file: string): Recorded[] {
  const lines = readFileSync(path.join(folder, file), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Recorded);
}

/** The subject of a call, for the name of its test. */
export const title = ({ phase, method, request }: Recorded): string =>
  `${phase}: ${method} ${String(request["name"] ?? request["tok"])}`;

/** The plugin that a call went to. */
export function packageOf({ request }: Recorded): string {
  const type = String(request["type"] ?? request["tok"]).replace("pulumi:providers:", "");
  return type.split(":")[0] ?? "";
}
