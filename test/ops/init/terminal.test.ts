import { expect, test } from "vitest";
import { greyText } from "../../../ops/init/terminal";

test.each([
  ["a default, which Enter takes", "/api/health", undefined, "/api/health"],
  ["a default goes before an example", "shop.mysite.org", "a.mysite.org", "shop.mysite.org"],
  ["an example says that it is one", undefined, "root@10.20.30.40", "for example root@10.20.30.40"],
  ["neither", undefined, undefined, undefined],
])("greyText: %s", (_, initial, example, expected) => {
  expect(greyText(initial, example)).toBe(expected);
});
