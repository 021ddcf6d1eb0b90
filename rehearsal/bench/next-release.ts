import { repository } from "../stack";
import type { DeployedWorld } from "../driver/deployed-world";

/** Numbers the releases of one bench: a tag is never reused. */
let released = 0;

/** Builds a further release of the quick app. Its image is already on the server. */
export async function nextRelease(system: DeployedWorld): Promise<string> {
  released += 1;
  const tag = `b${String(released).padStart(6, "0")}`;
  await system.release(tag, "quick");
  await system.onVps(`docker pull --quiet ${imageOf(system, tag)}`);
  return tag;
}

/** Name of the image of a tag, in the registry of the server. */
export const imageOf = (system: DeployedWorld, tag: string): string =>
  `${system.world.registry.address}/${repository}:${tag}`;
