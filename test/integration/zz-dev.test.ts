import { test } from "vitest";
import { repositoryRoot } from "../../repository";
import { ensureWorld } from "../../rehearsal/world/world";
test("dev world", async () => {
  const world = await ensureWorld({ checkout: repositoryRoot, suffix: "site-test" }, () => undefined);
  console.info(JSON.stringify(world));
});
