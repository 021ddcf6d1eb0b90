import { repository } from "../rehearsal/stack";
import type { Road } from "../test/support/road";

/** Numbers the releases of one bench: a tag is never reused. */
let released = 0;

/** A further release of the quick app, its image on the host already. */
export async function nextRelease(road: Road): Promise<string> {
  released += 1;
  const tag = `b${String(released).padStart(6, "0")}`;
  await road.release(tag, "quick");
  await road.onVps(`docker pull --quiet ${imageOf(road, tag)}`);
  return tag;
}

/** Where the host pulls the image of a tag from. */
export const imageOf = (road: Road, tag: string): string => `${road.world.registry.address}/${repository}:${tag}`;
