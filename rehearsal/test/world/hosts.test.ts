import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { hostKinds, hostScript, imageFor, loginOf } from "../../world/hosts";

test("each kind of server has an image, a login, and a script that exists or none", () => {
  expect(hostKinds.map((kind) => [kind, imageFor(kind), loginOf(kind)])).toEqual([
    ["debian-12", "vps", "root"],
    ["fresh-12", "vps-fresh-12", "root"],
    ["debian-13", "vps-fresh-13", "root"],
    ["sudo-user", "vps", "deploy"],
    ["sudo-user-13", "vps-fresh-13", "deploy"],
    ["used", "vps", "root"],
    ["ufw", "vps", "root"],
    ["firewalld", "vps", "root"],
  ]);
  expect(hostScript("debian-12")).toBeUndefined();
  expect(hostKinds.flatMap((kind) => hostScript(kind) ?? []).filter((path) => !existsSync(path))).toEqual([]);
});
