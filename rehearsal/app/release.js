/** The content of /app/release.json, which the build writes. `RELEASE_BEHAVIOUR` in the environment overrides the behaviour. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { behaviours } from "./behaviours.js";

const DEFAULT_SECONDS = 5;

/** @returns {{ version: string, behaviour: string, seconds: number, hooks: import("./behaviours.js").Hooks }} */
export function readRelease(root, env) {
  const baked = JSON.parse(readFileSync(join(root, "release.json"), "utf8"));
  const behaviour = env.RELEASE_BEHAVIOUR ?? baked.behaviour;
  const hooks = behaviours[behaviour];
  if (hooks === undefined) {
    throw new Error(`release.json: unknown behaviour "${behaviour}"; known: ${Object.keys(behaviours).join(", ")}`);
  }
  return { version: baked.version, behaviour, seconds: baked.seconds ?? DEFAULT_SECONDS, hooks };
}
