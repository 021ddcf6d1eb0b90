import { repositoryRoot } from "../../repository";
import { removeWorld } from "../../rehearsal/world/world";

/** In CI, removes the world of the integration tests. On a developer's machine it stays, so that the next run is fast. */
export default function setup(): () => Promise<void> {
  return async () => {
    if (process.env["CI"]) await removeWorld({ checkout: repositoryRoot, suffix: "test" }, () => undefined);
  };
}
