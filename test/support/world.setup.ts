import { repositoryRoot } from "../../repository";
import { removeWorld } from "../../rehearsal/world/world";

/** In CI, removes the world that the integration tests shared; at a desk it stays, so that the next run is quick. */
export default function setup(): () => Promise<void> {
  return async () => {
    if (process.env["CI"]) await removeWorld({ checkout: repositoryRoot, suffix: "test" }, () => undefined);
  };
}
