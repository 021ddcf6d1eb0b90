import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { hostKinds, hostScript, loginOf } from "../../world/hosts";

test("each kind of server has a login, and a script that exists or none", () => {
  expect(hostKinds.map((kind) => [kind, loginOf(kind)])).toEqual([
    ["debian-12", "root"],
    ["sudo-user", "deploy"],
    ["used", "root"],
  ]);
  expect(hostScript("debian-12")).toBeUndefined();
  expect(hostKinds.flatMap((kind) => hostScript(kind) ?? []).filter((path) => !existsSync(path))).toEqual([]);
});
